import { checkKeys, checkNumber, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import type { Hit } from '../keywords/keyword-index.js'
import type { HitParts } from '../wire/fusion.js'
import type { DocumentId } from '../wire/document-id.js'

/** What a search by vectors and one by words found for the same query. */
export interface ScoredLists {
  /** Documents with their similarity, in any order; one that comes twice counts by its highest. */
  readonly vectors: readonly Hit[]
  /**
   * Lowest similarity of all documents that could be found.
   *
   * @defaultValue that of `vectors`, which must be all documents then
   */
  readonly lowest?: number | undefined
  /** Documents with their BM25 score, in any order. */
  readonly words: readonly Hit[]
  /** The most that the query could have scored by its words; `score()` of a keyword index gives it. */
  readonly bound: number
}

/** Options of {@link fuseByScores}. */
export interface FuseByScoresOptions {
  /**
   * Share of the vectors, from 0 to 1; words have the rest.
   *
   * @defaultValue 0.5
   */
  readonly weight?: number | undefined
  /**
   * Most documents to give back.
   *
   * @defaultValue all
   */
  readonly topK?: number | undefined
}

/** A document that was found by two searches. */
export interface FusedHit extends Hit {
  /** Both parts, before they are weighted. */
  readonly parts: HitParts
}

const WHAT = 'fuse scores'

const KNOWN_KEYS: KnownKeys<FuseByScoresOptions> = { weight: true, topK: true }

/** Nothing was tuned: on two manuals and Cranfield, .3 and .7 are at most .022 of NDCG@10 below it. */
export const DEFAULT_WEIGHT = 0.5

/**
 * Fuses what vectors and words found by their scores: `weight * v + (1 - weight) * w`.
 *
 * - `v` is the similarity of a document, stretched so that it is 1 for the nearest and 0 for the farthest of all that could be found:
 *   `(similarity - lowest) / (highest - lowest)`. Where all are equally near, which one document alone is, it is 1. A document without a
 *   vector, or left out of `vectors`, has 0.
 * - `w` is the BM25 score of a document divided by `bound`, the most that the query could have scored: the sum over its words of
 *   `idf * (k1 + 1)`, words that no document has counted with a document frequency of 0. So `w` is near 1 only where one document has nearly all that was asked for,
 *   and small where words are unsure: of a query by meaning, with unknown, misspelt or only begun words, which cannot reach their bound.
 *   It is 0 for a document without any of the words, and for all documents where the query has no word.
 * - A filter narrows what could be found, so `v` is stretched over what it lets through; `idf` and `bound` are of the whole index. Fields
 *   are in the BM25 score and in its bound.
 *
 * @param lists - What was found.
 * @param options - How much the vectors count, and how many to give back.
 * @returns Documents, the best first; of equal ones, the nearer by vectors, then the one that comes first when `vectors` and then `words`
 * are read.
 * @throws {TypeError} If an option is unknown or of the wrong type, or a score is no finite number.
 * @throws {RangeError} If `weight` is not from 0 to 1, or `bound` is negative.
 * @see {@link https://arxiv.org/abs/2210.11934 | Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, 2022}: convex
 * combination with theoretical bounds
 */
export function fuseByScores(lists: ScoredLists, options: FuseByScoresOptions = {}): FusedHit[] {
  checkKeys(WHAT, options, KNOWN_KEYS)
  const weight = checkNumber(WHAT, 'weight', options.weight, [0, 1]) ?? DEFAULT_WEIGHT
  const topK = checkPositiveInteger(WHAT, 'topK', options.topK)
  const bound = checkFinite('bound', lists.bound)
  if (bound < 0) throw new RangeError(`Cannot ${WHAT} as bound must be a number from 0: current value is ${bound}`)
  const nearness = highestOf('vectors', lists.vectors)
  const scores = highestOf('words', lists.words)
  const similarities = [...nearness.values()]
  const highest = similarities.reduce((most, value) => Math.max(most, value), -Infinity)
  const lowest =
    lists.lowest === undefined
      ? similarities.reduce((least, value) => Math.min(least, value), Infinity)
      : checkFinite('lowest', lists.lowest)
  const stretch = (similarity: number | undefined): number => {
    if (similarity === undefined) return 0
    return highest > lowest ? Math.max(0, (similarity - lowest) / (highest - lowest)) : 1
  }
  const fused = Array.from(new Set([...nearness.keys(), ...scores.keys()]), (id): FusedHit => {
    const vectors = stretch(nearness.get(id))
    const words = bound > 0 ? (scores.get(id) ?? 0) / bound : 0
    return { id, score: weight * vectors + (1 - weight) * words, parts: { words, vectors } }
  })
  fused.sort((a, b) => b.score - a.score || b.parts.vectors - a.parts.vectors)
  return topK === undefined ? fused : fused.slice(0, topK)
}

function highestOf(name: string, hits: readonly Hit[]): ReadonlyMap<DocumentId, number> {
  if (!Array.isArray(hits)) {
    throw new TypeError(`Cannot ${WHAT} as ${name} must be a list of hits: current value is ${show(hits)}`)
  }
  const scores = new Map<DocumentId, number>()
  for (const { id, score } of hits as readonly Hit[]) {
    checkFinite(`a score of ${name}`, score)
    scores.set(id, Math.max(score, scores.get(id) ?? -Infinity))
  }
  return scores
}

function checkFinite(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TypeError(`Cannot ${WHAT} as ${name} must be a finite number: current value is ${show(value)}`)
}
