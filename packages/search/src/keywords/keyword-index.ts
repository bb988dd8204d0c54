import type { DocumentId } from '../wire/document-id.js'

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
}

/** Finds texts by their words. */
export interface KeywordIndex {
  /** Number of documents. */
  readonly size: number
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
  /** Gives the index for `createKeywordIndex`. */
  readonly toBytes: () => Uint8Array<ArrayBuffer>
}
