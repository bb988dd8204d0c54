import type { EmbeddingSpace } from 'nestling'
import type { DocumentId } from './document-id.js'
import type { Fusion, HitParts } from './fusion.js'
import type { KeywordField } from './keyword-field.js'
import type { IndexSimilarity, Scoring } from './scoring.js'

/** A value of {@link Metadata}: what JSON can say. */
export type MetadataValue =
  string | number | boolean | null | readonly MetadataValue[] | { readonly [key: string]: MetadataValue }

/** What is known of a document beside its text. */
export type Metadata = Readonly<Record<string, MetadataValue>>

/**
 * What a type of metadata must be like. An interface has no index signature, so that it is no {@link Metadata}: its members are looked at one by
 * one. Methods make dates, maps and instances of classes something else.
 */
export type MetadataOf<T> = { readonly [K in keyof T]: JsonOf<T[K]> }

type JsonOf<T> = T extends MetadataValue | undefined
  ? T
  : T extends (...args: never) => unknown
    ? never
    : T extends object
      ? MetadataOf<T>
      : never

/** The type of the rows that are kept, from the most bits to the fewest. */
export const INDEX_PRECISIONS = ['float32', 'int8', 'int4', 'int2', 'binary'] as const

/** One of {@link INDEX_PRECISIONS}. */
export type IndexPrecision = (typeof INDEX_PRECISIONS)[number]

/** How a query is answered: by vectors, by words, or by both. */
export const SEARCH_MODES = ['vectors', 'keywords', 'hybrid'] as const

/** One of {@link SEARCH_MODES}. */
export type SearchMode = (typeof SEARCH_MODES)[number]

/** What an index is made with. */
export interface OpenRequest {
  /** Name of the index in IndexedDB, on Node in files, or its folder there; `undefined` keeps it in memory alone. */
  readonly store: string | undefined
  /** `undefined` where the first vectors shall say. */
  readonly dim: number | undefined
  readonly precision: IndexPrecision | undefined
  readonly similarity: IndexSimilarity | undefined
  readonly scoring: Scoring | 'auto'
  /** Whether the first components of a vector are a good vector. */
  readonly isNested: boolean
  /** Members of the metadata that words are looked for in; as the caller gave them, to be checked. */
  readonly fields: Readonly<Record<string, KeywordField>> | undefined
  /** Space of the embedder's vectors; `undefined` where it does not say, or is not there yet. */
  readonly space?: EmbeddingSpace | undefined
}

/** Documents as the page has them. */
export interface GivenDocuments {
  readonly ids: readonly DocumentId[]
  readonly texts: readonly (string | null)[]
  readonly metadata: readonly (Metadata | null)[]
  /**
   * How vectors come from each text, in the words of whoever encodes: where it is another, they are made again. Empty for vectors that the
   * caller brought; left out where nobody knows.
   */
  readonly encodings?: readonly string[] | undefined
}

/** Documents on their way into an index, and their vectors. */
export interface DocumentPortion extends GivenDocuments {
  /** Vectors of each document. */
  readonly rowCounts: Int32Array<ArrayBuffer>
  /** Start and end in its text of what each vector is of. */
  readonly spans: Int32Array<ArrayBuffer>
  /** Vectors, row-major. */
  readonly vectors: Float32Array<ArrayBuffer>
  readonly dim: number
  /** `undefined` where the caller does not know. */
  readonly space: EmbeddingSpace | undefined
}

/** What a change did. */
export interface UpdateCounts {
  /** Documents that were not there. */
  readonly added: number
  /** Documents of which something is another now, if only their metadata. */
  readonly updated: number
  /** Documents that were there as they are. */
  readonly unchanged: number
}

/** What became of a change. */
export interface CommitAnswer extends UpdateCounts {
  /** Documents that are no longer as they were when they were compared. Nothing was changed then: they are to be staged, too. */
  readonly stale: readonly DocumentId[]
}

/** What an index holds. */
export interface IndexState {
  readonly documents: number
  readonly rows: number
  readonly dim: number | undefined
  readonly precision: IndexPrecision
  readonly space: EmbeddingSpace | undefined
  /** Bytes of the rows that are kept, in every form that is kept of them. */
  readonly rowBytes: number
  /** Bytes of memory that rows take with all that belongs to them: padding, scales, room, and which document each is of. */
  readonly sizeBytes: number
  /** Bytes of texts, ids and metadata are not counted: they are the page's own. */
  readonly storage: 'indexeddb' | 'files' | 'memory'
  /** Changes with every change of the documents. */
  readonly version: number
}

/** Which documents a call is about; all where both are `undefined`. */
export interface DocumentChoice {
  /** Conditions on metadata, as the page's caller wrote them: nothing of them was checked. */
  readonly filter: Readonly<Record<string, unknown>> | undefined
  /** Documents that a function of the page allows: a byte a document, of that version of the index. */
  readonly allowed: { readonly version: number; readonly bytes: Uint8Array<ArrayBuffer> } | undefined
}

/** What the page asks for with `search`. */
export interface SearchRequest extends DocumentChoice {
  readonly mode: SearchMode
  /** Words; empty without them. */
  readonly text: string
  /** `undefined` with mode `keywords`. */
  readonly vector: Float32Array<ArrayBuffer> | undefined
  readonly space: EmbeddingSpace | undefined
  readonly topK: number
  readonly minScore: number | undefined
  /** How `hybrid` fuses; as the caller gave it, to be checked. */
  readonly fusion: Fusion | undefined
  /** Whether hits say which words matched. */
  readonly explain: boolean
  /** The scoring; `undefined` for that of the index. */
  readonly scoring: Scoring | 'auto' | undefined
}

/** One document that was found, and the part of it that was. */
export interface FoundDocument {
  readonly id: DocumentId
  readonly score: number
  /** Of a hybrid search. */
  readonly parts: HitParts | undefined
  readonly metadata: Metadata | null
  /** `null` where the document has no text. */
  readonly passage: { readonly text: string; readonly start: number; readonly end: number } | null
  /** Where it was asked for. */
  readonly words: readonly WordMatch[] | undefined
}

/** A place where a word of the query, or one like it, is. */
export interface WordMatch {
  /** The field: `text`, or the member of the metadata. */
  readonly field: string
  /** Where it starts in the field, in UTF-16 units; of a list of texts, in that list joined by line feeds. */
  readonly start: number
  /** Where it ends, the first unit that is not in it. */
  readonly end: number
}

/** What a search gives. */
export interface SearchAnswer {
  readonly found: readonly FoundDocument[]
  /** Whether `allowed` was of another version: nothing was searched. */
  readonly isStale: boolean
}

/** Ids by the places of documents; `null` where a place is free. */
export interface IdPortion {
  readonly version: number
  readonly ids: readonly (DocumentId | null)[]
  /** Places in all. */
  readonly total: number
}

/** Metadata of documents, for a filter on the page. */
export interface MetadataPortion extends IdPortion {
  readonly metadata: readonly (Metadata | null)[]
}

/** A document as the index has it. */
export interface KeptDocument {
  readonly id: DocumentId
  readonly text: string | null
  readonly metadata: Metadata | null
}

/** Numbers of documents by the values of a member of their metadata, the most frequent first. */
export type ValueCounts = ReadonlyMap<string | number | boolean | null, number>

/** Pairs of documents that say nearly the same. */
export interface DocumentPair {
  readonly score: number
  readonly ids: readonly [DocumentId, DocumentId]
}

/** Work on all rows, by its name in sentence-transformers. */
export type MiningRequest =
  | { readonly kind: 'paraphrase'; readonly maxPairs: number | undefined; readonly topK: number | undefined }
  | {
      readonly kind: 'community'
      readonly threshold: number | undefined
      readonly minCommunitySize: number | undefined
    }

/** What comes of it. */
export interface MiningAnswer {
  readonly pairs: readonly DocumentPair[]
  readonly communities: readonly (readonly DocumentId[])[]
}

/** What the worker does for the page, which reaches it through an endpoint of the kit. */
export interface SearchHostApi {
  /**
   * Holds a lock as long as the worker lives: a browser tells nobody that it ended a worker for want of memory. Says whether it is held; a
   * browser may refuse locks.
   */
  hold(lock: string): Promise<boolean>
  /** Opens an index; what is stored is read when it is needed. Gives its dim, where that is known. */
  open(request: OpenRequest): Promise<number | undefined>
  /** Takes the same request with what an embedder says that came later; refuses it as `open` does, and goes on without it then. */
  adopt(request: OpenRequest): Promise<void>
  /** Takes documents for a change; nothing is changed yet. */
  stage(change: number, portion: DocumentPortion): Promise<void>
  /** Finds which documents of a change must be encoded: 1 for each. The others are part of the change without being staged. */
  compare(change: number, documents: GivenDocuments): Promise<Uint8Array>
  /**
   * Makes a change, whole. `onWait` of this and the others is told when another tab is waited for; `cancel` ends each with an `AbortError` as
   * long as nothing is written. `count` documents must have come: a worker that took over from another has none of those before.
   */
  commit(change: number, isUpdate: boolean, onWait?: () => void, count?: number): Promise<CommitAnswer>
  /** Forgets a change. */
  discard(change: number): void
  /** Tells which of some ids are there. */
  known(ids: readonly DocumentId[]): Promise<readonly DocumentId[]>
  /** Removes documents; gives how many were there, `undefined` where `allowed` was of another version and nothing was done. */
  remove(work: number, which: readonly DocumentId[] | DocumentChoice, onWait?: () => void): Promise<number | undefined>
  /** Removes all documents, and the space with them. */
  clear(work: number, onWait?: () => void): Promise<void>
  /** Searches. */
  search(request: SearchRequest): Promise<SearchAnswer>
  /** Gives metadata from a place on. */
  metadata(from: number): Promise<MetadataPortion>
  /** Gives ids from a place on. */
  ids(from: number): Promise<IdPortion>
  /** Gives the first of some documents, at least one and as many as a message should have; `null` for one that is not there. */
  read(ids: readonly DocumentId[]): Promise<readonly (KeptDocument | null)[]>
  /** Counts values of members of metadata; `undefined` where `allowed` was of another version. */
  facets(names: readonly string[], choice: DocumentChoice): Promise<readonly ValueCounts[] | undefined>
  /** Says what the index holds. */
  state(): Promise<IndexState>
  /** Makes a file of the index. */
  exportFile(): Promise<Blob>
  /** Replaces the index by that of a file, or adds its documents. */
  importFile(work: number, file: Blob, isMerge: boolean, onWait?: () => void): Promise<void>
  /** Compares all rows with all; ends when it is cancelled. */
  mine(work: number, request: MiningRequest, onProgress: (share: number) => void): Promise<MiningAnswer>
  /** Ends such work. */
  cancel(work: number): void
  /** Closes the store. */
  dispose(): Promise<void>
}

/** The host of another thread, which can be asked who it is before it is asked for anything. */
export interface RemoteSearchHost extends SearchHostApi {
  /** Gives the script's `IDENTITY`. */
  hello(): string
}
