import { checkKeys, checkNumber, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import type { Hit } from '../keywords/keyword-index.js'
import type { DocumentId } from '../wire/document-id.js'

/** Options of {@link fuseByReciprocalRank}. */
export interface FuseOptions {
  /**
   * How little the first places count more than those behind them.
   *
   * @defaultValue 60
   */
  readonly k?: number | undefined
  /**
   * How much each list counts.
   *
   * @defaultValue 1 for each
   */
  readonly weights?: readonly number[] | undefined
  /**
   * Most documents to give back.
   *
   * @defaultValue all
   */
  readonly topK?: number | undefined
}

const WHAT = 'fuse lists'

const KNOWN_KEYS: KnownKeys<FuseOptions> = { k: true, weights: true, topK: true }

const FROM_ZERO = [0, Infinity] as const

/** The paper's constant: chosen there on other collections, and not sensitive. */
const DEFAULT_K = 60

/** Fewest candidates of a list. The paper fused lists of 1000; beyond the 100th place a document gets less than 1/160 of a point. */
const MIN_CANDIDATES = 100

/**
 * Fuses lists of documents by the places they have, as the scores of different searches cannot be compared: a document gets
 * `weight / (k + rank)` of each list that has it, the rank from 1.
 *
 * @param lists - Documents, the best first. One that comes again in a list counts once, at its first place; those behind it move up.
 * @param options - How much places and lists count.
 * @returns The documents with the sums as scores, the best first; of equal ones, the one that comes first when the lists are read in turn.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If `k` is negative, there is not one weight for each list, or one is negative.
 * @see {@link https://doi.org/10.1145/1571941.1572114 | Cormack, Clarke and Buettcher, Reciprocal Rank Fusion, 2009}
 */
export function fuseByReciprocalRank(lists: readonly (readonly Hit[])[], options: FuseOptions = {}): Hit[] {
  checkKeys(WHAT, options, KNOWN_KEYS)
  const k = checkNumber(WHAT, 'k', options.k, FROM_ZERO) ?? DEFAULT_K
  const weights = checkWeights(options.weights, lists.length)
  const topK = checkPositiveInteger(WHAT, 'topK', options.topK)
  const sums = new Map<DocumentId, number>()
  for (const [index, hits] of lists.entries()) {
    const weight = weights?.[index] ?? 1
    let rank = 0
    for (const id of new Set(hits.map((hit) => hit.id))) sums.set(id, (sums.get(id) ?? 0) + weight / (k + ++rank))
  }
  // A stable sort, and a map keeps the order of its keys.
  const fused = Array.from(sums, ([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score)
  return topK === undefined ? fused : fused.slice(0, topK)
}

/**
 * Gives the number of documents that each list should have, so that the best of both are the best of all.
 *
 * @param topK - Documents that are wanted in the end.
 * @returns At least as many.
 */
export function candidatesToFuse(topK: number): number {
  return Math.max(MIN_CANDIDATES, 2 * topK)
}

function checkWeights(weights: readonly number[] | undefined, count: number): readonly number[] | undefined {
  if (weights === undefined) return undefined
  if (!Array.isArray(weights)) {
    throw new TypeError(`Cannot ${WHAT} as weights must be a list: current value is ${show(weights)}`)
  }
  if (weights.length !== count) {
    throw new RangeError(`Cannot ${WHAT} as there must be ${count} weights: current number is ${weights.length}`)
  }
  return weights.map((weight, index) => checkNumber(WHAT, `weights[${index}]`, weight ?? null, FROM_ZERO) as number)
}
