import type {
  SemanticEmbedder,
  SemanticEmbedderAvailability,
  SemanticEmbedderCreateOptions,
  SemanticEmbedderFactory,
  SupportedEmbeddingSpace,
} from './semantic-embedder-shape.js'

/** The browser's own embedder, of which only spaces that it can serve count. */
export class NativeSemanticEmbedder {
  readonly #factory: SemanticEmbedderFactory

  /** Takes the global. */
  constructor(factory: SemanticEmbedderFactory) {
    this.#factory = factory
  }

  /**
   * Lists its spaces.
   *
   * @returns Those that are not unavailable.
   */
  async spaces(): Promise<SupportedEmbeddingSpace[]> {
    // A frame that may not use it is told so by a rejection.
    const { supportedSpaces } = await this.#factory.params().catch(() => ({ supportedSpaces: [] }))
    const served: SupportedEmbeddingSpace[] = []
    for (const space of supportedSpaces) {
      if ((await this.availability(space.embeddingSpace)) !== 'unavailable') served.push(space)
    }
    return served
  }

  /**
   * Tells whether it serves a space.
   *
   * @returns Whether it does.
   */
  async serves(embeddingSpace: string): Promise<boolean> {
    return (await this.spaces()).some((space) => space.embeddingSpace === embeddingSpace)
  }

  /**
   * Asks it.
   *
   * @param embeddingSpace - The space; any where it is left out.
   * @returns Its answer.
   */
  availability(embeddingSpace: string | undefined): Promise<SemanticEmbedderAvailability> {
    return this.#factory.availability(embeddingSpace === undefined ? {} : { embeddingSpace }).catch(() => 'unavailable')
  }

  /**
   * Makes one.
   *
   * @param options - The options of our own `create`.
   */
  create(options: SemanticEmbedderCreateOptions): Promise<SemanticEmbedder> {
    return this.#factory.create(options)
  }
}

/**
 * Finds the browser's own. Chrome has it behind a flag; builds from before spaces had names have no `params` and are passed over.
 *
 * @returns It; `undefined` where there is none.
 */
export function nativeSemanticEmbedder(): NativeSemanticEmbedder | undefined {
  const { SemanticEmbedder: factory } = globalThis as { readonly SemanticEmbedder?: Partial<SemanticEmbedderFactory> }
  return typeof factory?.params === 'function'
    ? new NativeSemanticEmbedder(factory as SemanticEmbedderFactory)
    : undefined
}
