/** What a failure may carry beside its code and message. */
export interface FailureOptions {
  readonly cause?: unknown
  /** Facts that survive a structured clone. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>
}

/**
 * The class of failures, `EmbedderError`: it is public and belongs to nestling, so that whoever bundles the kit brings it along.
 *
 * `Code` is what is made here, and which the class must know.
 */
export type FailureClass<Code extends string = never> = new (
  code: Code,
  message: string,
  options?: FailureOptions,
) => Error
