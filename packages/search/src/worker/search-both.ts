import { checkKeys, checkOneOf } from '@nestling/kit/options/check-options'
import { TopScores } from '@nestling/kit/math/top-scores'
import { DEFAULT_WEIGHT, fuseByScores } from '../fuse/by-scores.js'
import { candidatesToFuse, fuseByReciprocalRank } from '../fuse/reciprocal-rank.js'
import type { Hit, KeywordScores } from '../keywords/keyword-index.js'
import type { DocumentId } from '../wire/document-id.js'
import type { SearchRequest } from '../wire/protocol.js'
import { bestScores } from './best-scores.js'
import { nearDocument } from './find-documents.js'
import { byVectors, isAllowedIn, type Candidate, type SearchGround } from './search-ground.js'

/** Documents for each that is wanted, and at least a share of all, whose final score is computed: as many as for shortlists of rows. */
const SHORTLIST_FACTOR = 20
const SHORTLIST_SHARE = 1 / 200

/** The nearest of all is what similarities are stretched to: it is among as many by the first look. */
const NEAREST = 16

/** How much longer the shortlist becomes where `minScore` leaves too few of it. */
const GROWTH = 4

/**
 * Searches by vectors and by words, and fuses what they find.
 *
 * @returns At most `topK` documents, the best first.
 * @throws {TypeError} If the fusion is not well formed.
 * @throws {RangeError} If one of its numbers is out of range.
 */
export function searchBoth(ground: SearchGround, request: SearchRequest): Candidate[] {
  const { text, fusion = { kind: 'scores' } } = request
  const words = (ground.words as NonNullable<SearchGround['words']>).score(text, isAllowedIn(ground))
  const asked: unknown = (fusion as { readonly kind?: unknown } | null)?.kind
  checkOneOf('search', 'fusion.kind', asked ?? null, ['scores', 'ranks'])
  if (fusion.kind === 'ranks') {
    checkKeys('search', fusion, { kind: true, k: true })
    return byRanks(ground, request, { words, k: fusion.k })
  }
  checkKeys('search', fusion, { kind: true, weight: true })
  // Checks the weight.
  fuseByScores({ vectors: [], words: [], bound: 0 }, { weight: fusion.weight })
  return byScores(ground, request, { words, weight: fusion.weight ?? DEFAULT_WEIGHT })
}

function byRanks(
  ground: SearchGround,
  request: SearchRequest,
  { words, k }: { readonly words: KeywordScores; readonly k: number | undefined },
): Candidate[] {
  const count = candidatesToFuse(request.topK)
  const lists = [byVectors(ground, request, count), words.best(count)] as const
  const partOf = (hits: readonly Hit[]): ReadonlyMap<DocumentId, number> =>
    new Map(fuseByReciprocalRank([hits], { k }).map(({ id, score }) => [id, score]))
  const [ofVectors, ofWords] = [partOf(lists[0]), partOf(lists[1])]
  const rowOf = new Map(lists[0].map(({ id, row }) => [id, row]))
  return fuseByReciprocalRank(lists, { k, topK: request.topK }).map(({ id, score }) => {
    const parts = { words: ofWords.get(id) ?? 0, vectors: ofVectors.get(id) ?? 0 }
    return { id, score, parts, row: rowOf.get(id) }
  })
}

/** What documents are fused by. */
interface ScoreFusion {
  readonly words: KeywordScores
  readonly weight: number
}

/** Looks at all documents once, by a cheap score of their rows where there are many, and scores those again in full that come out best. */
function byScores(ground: SearchGround, request: SearchRequest, { words, weight }: ScoreFusion): Candidate[] {
  const { vector, topK, minScore = -Infinity } = request
  if (vector === undefined)
    return fuseByScores({ vectors: [], words: words.best(topK), bound: words.bound }, { weight, topK })
  const { contents } = ground
  const { documents } = contents
  const near = bestScores(ground, vector)
  const fused = fuseAll(ground, near, { words, weight })
  const farthest = near.scores.indexOf(near.lowest)
  const lowest = farthest < 0 ? undefined : nearDocument(contents, farthest, vector)?.nearness
  const nearest = placesOf(near.scores, NEAREST)
  const least = Math.ceil(Math.max(SHORTLIST_FACTOR * topK, documents.count * SHORTLIST_SHARE))
  for (let length = least; ; length *= GROWTH) {
    const places = new Set([...nearest, ...placesOf(fused, length)])
    const rowOf = new Map<DocumentId, number>()
    const vectors: Hit[] = []
    const found: Hit[] = []
    for (const place of places) {
      const id = documents.at(place)?.id as DocumentId
      const best = nearDocument(contents, place, vector)
      const score = words.scoreOf(id)
      if (score > 0) found.push({ id, score })
      if (best === undefined || !(best.score >= minScore)) continue
      vectors.push({ id, score: best.nearness })
      rowOf.set(id, best.row)
    }
    const hits = fuseByScores({ vectors, lowest, words: found, bound: words.bound }, { weight, topK })
    if (hits.length >= topK || length >= documents.count) return hits.map((hit) => ({ ...hit, row: rowOf.get(hit.id) }))
  }
}

/** The fused score of every document by the first look; minus infinity where it may not be found. */
function fuseAll({ contents }: SearchGround, near: ReturnType<typeof bestScores>, fusion: ScoreFusion): Float32Array {
  const { words, weight } = fusion
  const { scores, lowest, highest } = near
  const step = highest > lowest ? weight / (highest - lowest) : 0
  const fused = scores.map((score) => (score === -Infinity ? score : step > 0 ? (score - lowest) * step : weight))
  words.each((id, score) => {
    const place = contents.documents.placeOf(id) as number
    fused[place] = Math.max(0, fused[place] as number) + ((1 - weight) * score) / words.bound
  })
  return fused
}

/** The places with the highest scores. */
function placesOf(scores: Float32Array, count: number): Int32Array {
  const top = new TopScores(count, 'lowest')
  for (let place = 0; place < scores.length; place++) {
    const score = scores[place] as number
    if (score > top.threshold) top.add(place, score)
  }
  return top.indices()
}
