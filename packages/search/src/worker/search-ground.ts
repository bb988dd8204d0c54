import type { KeywordIndex } from '../keywords/keyword-index.js'
import type { DocumentId } from '../wire/document-id.js'
import type { HitParts } from '../wire/fusion.js'
import type { SearchRequest } from '../wire/protocol.js'
import type { Scoring } from '../wire/scoring.js'
import { findDocuments } from './find-documents.js'
import type { IndexContents } from './index-contents.js'

/** What a search is answered from. */
export interface SearchGround {
  readonly contents: IndexContents
  /** `undefined` where the mode needs no words. */
  readonly words: KeywordIndex | undefined
  /** Members of the metadata that words are looked for in, beside the text. */
  readonly fields: readonly string[]
  readonly scoring: Scoring
  readonly allowed: Uint8Array | undefined
}

/** A document with its score and, where a vector found it, the row. */
export interface Candidate {
  readonly id: DocumentId
  readonly score: number
  readonly row?: number | undefined
  readonly parts?: HitParts
}

/**
 * Finds documents by the query's vector.
 *
 * @returns At most `count` with at least the lowest score that was asked for, the best first; none without a vector.
 */
export function byVectors(
  { contents, scoring, allowed }: SearchGround,
  { vector, minScore = -Infinity }: SearchRequest,
  count: number,
): Candidate[] {
  if (vector === undefined) return []
  const found = findDocuments(contents, { vector, scoring, allowed }, count)
  return found.flatMap(({ place, row, score }) => {
    const id = contents.documents.at(place)?.id
    return id === undefined || !(score >= minScore) ? [] : [{ id, score, row }]
  })
}

/** Says whether a document may be found. */
export function isAllowedIn({ contents, allowed }: SearchGround): (id: DocumentId) => boolean {
  return (id) => {
    const place = contents.documents.placeOf(id)
    return place !== undefined && (allowed === undefined || allowed[place] === 1)
  }
}
