import type { FloatRows } from '@nestling/kit/math/float-rows'
import { paraphrasePairsSteps, type ScoredPair } from '@nestling/kit/math/paraphrase-pairs'
import { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { checkRows } from './check-float-rows.js'
import { checkKeys, checkOneOf, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { checkLongWork } from './semantic-search.js'
import { Slices, type LongWorkOptions } from './slices.js'

/** Options of {@link paraphraseMiningEmbeddings}. */
export interface ParaphraseMiningOptions extends LongWorkOptions {
  /**
   * Most pairs in all.
   *
   * @defaultValue 500000
   */
  readonly maxPairs?: number | undefined
  /**
   * Most other rows that a row names.
   *
   * @defaultValue 100
   */
  readonly topK?: number | undefined
  /**
   * What to compare with.
   *
   * @defaultValue 'cosine'
   */
  readonly scoreFunction?: SimilarityFunction | undefined
  /**
   * Bounds memory in Python. Accepted, so that calls can be carried over; it changes no result, there or here.
   *
   * @defaultValue 100000
   */
  readonly corpusChunkSize?: number | undefined
  /**
   * The same for the rows that are compared with them.
   *
   * @defaultValue 5000
   */
  readonly queryChunkSize?: number | undefined
}

const WHAT = 'mine paraphrases'

const KNOWN_KEYS: KnownKeys<ParaphraseMiningOptions> = {
  maxPairs: true,
  topK: true,
  scoreFunction: true,
  corpusChunkSize: true,
  queryChunkSize: true,
  pause: true,
  signal: true,
  onProgress: true,
}

/**
 * Finds the pairs of rows that are nearest, by comparing all with all.
 *
 * @param embeddings - Rows: `[count, dim]`.
 * @param options - How many pairs.
 * @returns Pairs, the nearest first, each once.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is not a positive integer.
 * @see `sentence_transformers.util.paraphrase_mining_embeddings`
 */
export async function paraphraseMiningEmbeddings(
  embeddings: FloatRows,
  options: ParaphraseMiningOptions = {},
): Promise<ScoredPair[]> {
  checkKeys(WHAT, options, KNOWN_KEYS)
  checkRows(WHAT, 'embeddings', embeddings)
  for (const name of ['queryChunkSize', 'corpusChunkSize'] as const) checkPositiveInteger(WHAT, name, options[name])
  const maxPairs = checkPositiveInteger(WHAT, 'maxPairs', options.maxPairs) ?? 500_000
  const topK = checkPositiveInteger(WHAT, 'topK', options.topK) ?? 100
  const similarity = checkOneOf(WHAT, 'scoreFunction', options.scoreFunction, SIMILARITY_FUNCTIONS) ?? 'cosine'
  checkLongWork(WHAT, options)

  const slices = new Slices(options)
  const steps = paraphrasePairsSteps(embeddings, { similarity, maxPairs, topK }, (share) => {
    slices.tell(share)
  })
  for (;;) {
    const step = steps.next()
    if (step.done === true) {
      slices.finish()
      return step.value
    }
    if (slices.isOver) await slices.rest()
  }
}
