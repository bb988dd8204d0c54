import { checkKeys, checkOneOf } from '@nestling/kit/options/check-options'
import { DEFAULT_WEIGHT, fuseByScores, type FusedHit } from '../fuse/by-scores.js'
import { candidatesToFuse, fuseByReciprocalRank } from '../fuse/reciprocal-rank.js'
import type { Hit, KeywordScores } from '../keywords/keyword-index.js'
import type { DocumentId } from '../wire/document-id.js'
import type { SearchRequest } from '../wire/protocol.js'
import { bestRow } from './find-documents.js'
import { lowestSimilarity } from './lowest-similarity.js'
import { byVectors, isAllowedIn, type Candidate, type SearchGround } from './search-ground.js'

/** How much longer the lists become where they may have left out one of the best. */
const GROWTH = 4

/** What both searches found for a query. */
interface BothFound {
  readonly vectors: readonly Candidate[]
  readonly words: readonly Hit[]
  readonly scores: KeywordScores
}

/**
 * Searches by vectors and by words, and fuses what they find.
 *
 * @returns At most `topK` documents, the best first.
 * @throws {TypeError} If the fusion is not well formed.
 * @throws {RangeError} If one of its numbers is out of range.
 */
export function searchBoth(ground: SearchGround, request: SearchRequest): Candidate[] {
  const { topK, text, fusion = { kind: 'scores' } } = request
  const scores = (ground.words as NonNullable<SearchGround['words']>).score(text, isAllowedIn(ground))
  const find = (count: number): BothFound => {
    return { scores, vectors: byVectors(ground, request, count), words: scores.best(count) }
  }
  const asked: unknown = (fusion as { readonly kind?: unknown } | null)?.kind
  checkOneOf('search', 'fusion.kind', asked ?? null, ['scores', 'ranks'])
  if (fusion.kind === 'scores') return byScores(ground, { ...request, fusion }, find)
  const { vectors, words } = find(candidatesToFuse(topK))
  const options = { k: fusion.k }
  checkKeys('search', fusion, { kind: true, k: true })
  const partOf = (hits: readonly Hit[]): ReadonlyMap<DocumentId, number> =>
    new Map(fuseByReciprocalRank([hits], options).map(({ id, score }) => [id, score]))
  const [ofVectors, ofWords] = [partOf(vectors), partOf(words)]
  const rowOf = rowsOf(vectors)
  return fuseByReciprocalRank([vectors, words], { ...options, topK }).map(({ id, score }) => {
    const parts = { words: ofWords.get(id) ?? 0, vectors: ofVectors.get(id) ?? 0 }
    return { id, score, parts, row: rowOf.get(id) }
  })
}

/** A request that fuses by scores. */
type ScoresRequest = SearchRequest & { readonly fusion: Extract<SearchRequest['fusion'], { kind: 'scores' }> }

/**
 * Takes as many of each list as are needed to be sure that nothing beyond their ends could be among the best.
 *
 * @see {@link https://doi.org/10.1016/S0022-0000(03)00026-6 | Fagin, Lotem and Naor, Optimal Aggregation Algorithms, 2003}, threshold algorithm
 */
function byScores(ground: SearchGround, request: ScoresRequest, find: (count: number) => BothFound): Candidate[] {
  const { vector, topK } = request
  checkKeys('search', request.fusion, { kind: true, weight: true })
  const { weight = DEFAULT_WEIGHT } = request.fusion
  const lowest = vector === undefined ? undefined : lowestSimilarity(ground.contents, vector, ground.allowed)
  for (let count = candidatesToFuse(topK); ; count *= GROWTH) {
    const { vectors, words, scores } = find(count)
    const near = withVectorsOf(ground, request, { vectors, words, scores })
    const known = near.map(({ id }) => ({ id, score: scores.scoreOf(id) })).filter(({ score }) => score > 0)
    const lists = { vectors: near, words: [...known, ...words], lowest, bound: scores.bound }
    const fused = fuseByScores(lists, { weight })
    // What neither list has: no nearer than the last by vectors, no better than the last by words.
    const last = vectors.length < count ? undefined : vectors.at(-1)
    const lastNearness = fused.find(({ id }) => id === last?.id)?.parts.vectors ?? 0
    const lastShare = words.length < count ? 0 : (words.at(-1)?.score ?? 0) / scores.bound
    const unseen = weight * lastNearness + (1 - weight) * lastShare
    const isSure = (fused[topK - 1]?.score ?? -Infinity) >= unseen
    if (isSure || count >= ground.contents.documents.count) return withRows(fused.slice(0, topK), near)
  }
}

/** The documents that vectors found, and those that words found with what vectors say of them. */
function withVectorsOf(
  { contents }: SearchGround,
  { vector, minScore = -Infinity }: SearchRequest,
  { vectors, words }: BothFound,
): readonly Candidate[] {
  if (vector === undefined) return vectors
  const seen = new Set(vectors.map(({ id }) => id))
  const others = words.flatMap(({ id }) => {
    if (seen.has(id)) return []
    const best = bestRow(contents, contents.documents.placeOf(id) as number, vector)
    return best === undefined || !(best.score >= minScore) ? [] : [{ id, score: best.score, row: best.row }]
  })
  return [...vectors, ...others]
}

function withRows(fused: readonly FusedHit[], near: readonly Candidate[]): Candidate[] {
  const rowOf = rowsOf(near)
  return fused.map((hit) => ({ ...hit, row: rowOf.get(hit.id) }))
}

function rowsOf(candidates: readonly Candidate[]): ReadonlyMap<DocumentId, number | undefined> {
  return new Map(candidates.map(({ id, row }) => [id, row]))
}
