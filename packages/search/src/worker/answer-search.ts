import { wordsOf } from '@nestling/kit/words/words-of'
import { TEXT_FIELD } from '../keywords/field-boosts.js'
import type { FoundDocument, KeptDocument, SearchRequest, WordMatch } from '../wire/protocol.js'
import { toKeywordDocument } from './field-texts.js'
import { nearDocument } from './find-documents.js'
import { searchBoth } from './search-both.js'
import { byVectors, isAllowedIn, type Candidate, type SearchGround } from './search-ground.js'

/**
 * Answers a search.
 *
 * @param ground - The index.
 * @returns Documents, the best first.
 */
export function answerSearch(ground: SearchGround, request: SearchRequest): FoundDocument[] {
  return findCandidates(ground, request).map((hit) => describe(ground, request, hit))
}

function findCandidates(ground: SearchGround, request: SearchRequest): readonly Candidate[] {
  const { topK, mode, text, minScore = -Infinity } = request
  if (mode === 'vectors') return byVectors(ground, request, topK)
  if (mode === 'hybrid') return searchBoth(ground, request)
  const hits = ground.words?.search(text, topK, isAllowedIn(ground)) ?? []
  return hits.filter(({ score }) => score >= minScore)
}

function describe(ground: SearchGround, request: SearchRequest, candidate: Candidate): FoundDocument {
  const { id, score, parts } = candidate
  const { documents } = ground.contents
  const place = documents.placeOf(id) as number
  const document = documents.at(place) as KeptDocument
  const { text, metadata } = document
  const passage = text === null ? null : passageOf(ground, request, { place, text, row: candidate.row })
  const words = request.explain ? matchesIn(ground, request.text, document) : undefined
  return { id, score, parts, metadata, passage, words }
}

function passageOf(
  ground: SearchGround,
  request: SearchRequest,
  { place, text, row }: { readonly place: number; readonly text: string; readonly row: number | undefined },
): FoundDocument['passage'] {
  const found = row ?? rowFor(ground, request, place, text)
  const [start, end] = found === undefined ? [0, text.length] : ground.contents.documents.spanOf(found)
  return { text: text.slice(start, end), start, end }
}

/** Where a document has the words of a query; nowhere in a search that asked for no words. */
function matchesIn({ words, fields }: SearchGround, query: string, document: KeptDocument): WordMatch[] {
  const kept = toKeywordDocument(document, fields)
  if (words === undefined || kept === undefined) return []
  const texts = [...Object.entries(kept.fields ?? {}), [TEXT_FIELD, kept.text] as const]
  return texts.flatMap(([field, text]) =>
    words
      .matchesOf(query, typeof text === 'string' ? text : (text ?? []).join('\n'))
      .map((span) => ({ field, ...span })),
  )
}

/** The part of a document that words found: the one nearest to the query, or without a vector the one with most of its words. */
function rowFor({ contents }: SearchGround, request: SearchRequest, place: number, text: string): number | undefined {
  const { documents } = contents
  if (request.vector !== undefined) return nearDocument(contents, place, request.vector)?.row
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
