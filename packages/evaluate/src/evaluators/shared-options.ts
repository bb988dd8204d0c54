import { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { checkOneOf, checkPositiveInteger, checkType } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'

/** Options that every evaluator has. */
export interface SharedOptions {
  /**
   * Every metric begins with it and an underscore.
   *
   * @defaultValue ''
   */
  readonly name?: string | undefined
  /**
   * Components to keep of every vector, from the first on.
   *
   * @defaultValue the embedder's own
   */
  readonly truncateDim?: number | undefined
}

/** {@link SharedOptions} with every default filled in. */
export interface ResolvedSharedOptions {
  readonly name: string
  readonly truncateDim: number | undefined
}

/**
 * Checks the options that every evaluator has.
 *
 * @param what - The call, for messages.
 * @param options - What the caller gave.
 * @returns Values that inner code can rely on.
 * @throws {TypeError} If one has the wrong type.
 * @throws {RangeError} If `truncateDim` is not a positive integer.
 */
export function resolveSharedOptions(what: string, options: SharedOptions): ResolvedSharedOptions {
  return {
    name: checkType(what, 'name', options.name, 'string') ?? '',
    truncateDim: checkPositiveInteger(what, 'truncateDim', options.truncateDim),
  }
}

/**
 * Decides what an evaluator compares with, as Python does: the functions named, else the main one, else what the call says.
 *
 * @param what - The call, for messages.
 * @param names - Functions that the caller named.
 * @returns Their names, each once; `undefined` where the caller named none.
 * @throws {TypeError} If one is unknown.
 */
export function resolveSimilarityFnNames(
  what: string,
  option: string,
  names: readonly SimilarityFunction[] | undefined,
  main?: SimilarityFunction,
): readonly SimilarityFunction[] | undefined {
  const given: unknown = names
  if (given !== undefined && !Array.isArray(given)) {
    throw new TypeError(`Cannot ${what} as ${option} must be a list: current value is ${show(given)}`)
  }
  const checked = (names ?? []).map((name) => checkOneOf(what, option, name, SIMILARITY_FUNCTIONS) ?? name)
  if (checked.length > 0) return [...new Set(checked)]
  return main === undefined ? undefined : [main]
}
