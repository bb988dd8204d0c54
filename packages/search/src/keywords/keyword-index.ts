import type { MatchSpan } from '@nestling/kit/words/match-spans'
import type { DocumentId } from '../wire/document-id.js'
import type { KeywordField } from '../wire/keyword-field.js'

/** A document that was found. */
export interface Hit {
  /** Its id. */
  readonly id: DocumentId
  /** How well it fits; higher is better, and only scores of one list can be compared. */
  readonly score: number
}

/** A text to find by its words. */
export interface KeywordDocument {
  /** Names it; another text of the same id takes its place. */
  readonly id: DocumentId
  /** The text. */
  readonly text: string
  /** What else of it is searched, by the names that the index was made with. */
  readonly fields?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined
}

/** Options of `createKeywordIndex`. */
export interface KeywordIndexOptions {
  /** Fields beside `text`, which may be named to give it another boost; at most 15. */
  readonly fields?: Readonly<Record<string, KeywordField>> | undefined
}

/** What a query is worth in each document. */
export interface KeywordScores {
  /**
   * The most that any document could have scored: the sum of `idf * (k1 + 1)` over the words of the query, so that `score / bound` says, from
   * 0 to 1, how sure the words are.
   *
   * A word that no document has counts as one with no documents, which is the most that a word can count, also where it was corrected or only
   * begun: those are unsure. 0 for a query without words. Fields do not raise it, as their boosts count before a word saturates, nor does
   * `isAllowed` change it: how rare a word is, is counted over all documents. In an index of one document, `idf` of a word that it has is
   * `ln(4 / 3)`. A word that comes again counts once; a name counts as it is and by each of its parts, what is joined by hyphens only by its
   * parts where no document joins it. Of more than 32 unknown words those behind are not corrected, yet are in the bound.
   *
   * @see {@link https://arxiv.org/abs/2210.11934 | Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, 2022}
   */
  readonly bound: number
  /** Score of a document; 0 of one that has no word of the query, is unknown or not allowed. */
  readonly scoreOf: (id: DocumentId) => number
  /** Tells of every document that has a score, in no order. */
  readonly each: (see: (id: DocumentId, score: number) => void) => void
  /** The best, as `search` gives them. */
  readonly best: (limit: number) => readonly Hit[]
}

/** Finds texts by their words. */
export interface KeywordIndex {
  /** Number of documents. */
  readonly size: number
  /** The boost of each field, that of `text` first. */
  readonly boosts: ReadonlyMap<string, number>
  /** Adds documents; those of a known id are replaced. A `TypeError` names an id or a text that is none, and nothing is added then. */
  readonly add: (documents: readonly KeywordDocument[]) => void
  /** Removes documents; unknown ids are ignored. */
  readonly remove: (ids: Iterable<DocumentId>) => void
  /**
   * Finds documents that have some of the query's words, the best first; all that fit where there are fewer than `limit`.
   *
   * A word that a document has is looked for as it is. Any other is taken for a typo, and as the last of the query for the beginning of a
   * word, too. `isAllowed` gives true or false, never a promise.
   */
  readonly search: (query: string, limit: number, isAllowed?: (id: DocumentId) => boolean) => readonly Hit[]
  /** Scores all documents; ask what it gives before the index changes. */
  readonly score: (query: string, isAllowed?: (id: DocumentId) => boolean) => KeywordScores
  /** Finds where a text, of a document or any other, has what the query finds, also corrected, begun or in part. */
  readonly matchesOf: (query: string, text: string) => readonly MatchSpan[]
  /** Gives the index for `createKeywordIndex`. */
  readonly toBytes: () => Uint8Array<ArrayBuffer>
}
