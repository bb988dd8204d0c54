import { wordsOf } from '@nestling/kit/words/words-of'
import { candidatesToFuse, fuseByReciprocalRank } from '../fuse/reciprocal-rank.js'
import type { KeywordIndex } from '../keywords/keyword-index.js'
import type { Scoring } from '../wire/scoring.js'
import type { DocumentId } from '../wire/document-id.js'
import type { FoundDocument, SearchRequest } from '../wire/protocol.js'
import { bestRow, findDocuments } from './find-documents.js'
import type { IndexContents } from './index-contents.js'

/** What a search is answered from. */
export interface SearchGround {
  readonly contents: IndexContents
  /** `undefined` where the mode needs no words. */
  readonly words: KeywordIndex | undefined
  readonly scoring: Scoring
  readonly allowed: Uint8Array | undefined
}

/** A document with its score and, where a vector found it, the row. */
interface Candidate {
  readonly id: DocumentId
  readonly score: number
  readonly row?: number
}

/**
 * Answers a search.
 *
 * @param ground - The index.
 * @returns Documents, the best first.
 */
export function answerSearch(ground: SearchGround, request: SearchRequest): FoundDocument[] {
  const { topK, mode } = request
  if (mode === 'vectors') return byVectors(ground, request, topK).map((hit) => describe(ground, request, hit))
  const count = mode === 'hybrid' ? candidatesToFuse(topK) : topK
  const words = byWords(ground, request, count)
  if (mode === 'keywords') {
    const { minScore = -Infinity } = request
    return words.filter(({ score }) => score >= minScore).map((hit) => describe(ground, request, hit))
  }
  const vectors = byVectors(ground, request, count)
  const rowOf = new Map(vectors.map(({ id, row }) => [id, row]))
  return fuseByReciprocalRank([vectors, words], { topK }).map((hit) => {
    const row = rowOf.get(hit.id)
    return describe(ground, request, row === undefined ? hit : { ...hit, row })
  })
}

function byVectors({ contents, scoring, allowed }: SearchGround, request: SearchRequest, count: number): Candidate[] {
  const { vector, minScore = -Infinity } = request
  if (vector === undefined) return []
  const found = findDocuments(contents, { vector, scoring, allowed }, count)
  return found.flatMap(({ place, row, score }) => {
    const id = contents.documents.at(place)?.id
    return id === undefined || !(score >= minScore) ? [] : [{ id, score, row }]
  })
}

function byWords({ contents, words, allowed }: SearchGround, { text }: SearchRequest, count: number): Candidate[] {
  const isAllowed = (id: DocumentId): boolean => {
    const place = contents.documents.placeOf(id)
    return place !== undefined && (allowed === undefined || allowed[place] === 1)
  }
  return [...(words?.search(text, count, isAllowed) ?? [])]
}

function describe(ground: SearchGround, request: SearchRequest, { id, score, row }: Candidate): FoundDocument {
  const { documents } = ground.contents
  const place = documents.placeOf(id) as number
  const document = documents.at(place)
  const text = document?.text ?? null
  if (text === null) return { id, score, metadata: document?.metadata ?? null, passage: null }
  const found = row ?? rowFor(ground, request, place, text)
  const [start, end] = found === undefined ? [0, text.length] : documents.spanOf(found)
  return { id, score, metadata: document?.metadata ?? null, passage: { text: text.slice(start, end), start, end } }
}

/** The part of a document that words found: the one nearest to the query, or without a vector the one with most of its words. */
function rowFor({ contents }: SearchGround, request: SearchRequest, place: number, text: string): number | undefined {
  const { documents } = contents
  if (request.vector !== undefined) return bestRow(contents, place, request.vector)?.row
  const wanted = new Set(wordsOf(request.text))
  let best: number | undefined
  let most = -1
  for (const row of documents.rowsOf(place)) {
    const count = new Set(wordsOf(text.slice(...documents.spanOf(row))).filter((word) => wanted.has(word))).size
    if (count <= most) continue
    most = count
    best = row
  }
  return best
}
