/// <reference lib="esnext.disposable" preserve="true" />
import type { Embeddings } from 'nestling'
import type { CommunityDetectionOptions } from '../mining/community-detection.js'
import type { ParaphraseMiningOptions } from '../mining/paraphrase-mining.js'
import type { DocumentId } from '../wire/document-id.js'
import type { DocumentPair, IndexState, Metadata, UpdateCounts, ValueCounts } from '../wire/protocol.js'
import type { MetadataFilter } from './reading/metadata-filter.js'
import type { SearchHit, SearchOptions } from './search-options.js'

/** A document to be found. */
export interface IndexDocument<M extends object = Metadata> {
  /** Names it: unique in its index. */
  readonly id: DocumentId
  /** Its text: what the embedder encodes, where words are looked for, and where passages come from. */
  readonly text?: string | undefined
  /** What is known of it: what JSON can say. */
  readonly metadata?: M | undefined
  /** Its vector, where it is ready. The embedder is not asked then. */
  readonly embedding?: QueryVector | undefined
}

/** A vector: nestling's embeddings of one text, which say what they may be compared with, or plain numbers. */
export type QueryVector = Float32Array | Embeddings<readonly [number]>

/** What to look for: a text, a vector, or both where there is no embedder and words shall count. */
export type SearchQuery = string | QueryVector | { readonly text: string; readonly embedding: QueryVector }

/** Options of calls that change an index. */
export interface ChangeOptions {
  /**
   * Told when another tab is changing the same stored index and is waited for. One that takes longer than 20 s hangs: the call then rejects with
   * `store-unavailable`, and the index is as it was.
   */
  readonly onWait?: (() => void) | undefined
  /** Ends the call with its reason; nothing is changed then. Once the change is being written it is made whatever the signal says. */
  readonly signal?: AbortSignal | undefined
}

/** Options of `add` and `update`. */
export interface AddOptions extends ChangeOptions {
  /** Vectors of all documents, row `i` of document `i`. They are copied, portion by portion. */
  readonly embeddings?: Embeddings | Float32Array | undefined
  /**
   * Told how many documents are on their way into the index, and how many there are. An exception it throws is reported to the page and
   * never disturbs the call.
   */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
}

/** What an index gives back of a document; `add` of another index takes it. */
export interface StoredDocument<M extends object = Metadata> {
  /** Names it. */
  readonly id: DocumentId
  /** Its text; `undefined` where it was added without one. */
  readonly text: string | undefined
  /** What is known of it. */
  readonly metadata: M | undefined
}

/** Chooses what `import` does with the documents that are there. */
export interface ImportOptions extends ChangeOptions {
  /**
   * Whether the documents that are there stay, but for those whose ids are in the file.
   *
   * @defaultValue false
   */
  readonly merge?: boolean | undefined
}

/** Options of `facets`. */
export interface FacetOptions<M extends object = Metadata> {
  /**
   * Which documents are counted.
   *
   * @defaultValue all
   */
  readonly filter?: MetadataFilter<M> | undefined
  /** Ends the call at once with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** Facts about an index. */
export type IndexStats = Omit<IndexState, 'version'>

/**
 * Documents that can be searched. It owns a worker; end it with {@link SearchIndex.dispose}.
 *
 * `for await (const document of index)` gives all documents that are there when it begins, each once and as it is when its turn comes; one
 * that is removed before is passed over. The loop may change the index.
 */
export interface SearchIndex<M extends object = Metadata> extends AsyncDisposable, AsyncIterable<StoredDocument<M>> {
  /**
   * Adds documents: all of them or, where the call rejects, none. What is added is found by every search that starts later; in a stored
   * index also by other tabs and processes.
   *
   * With an embedder, a text longer than the model reads becomes several passages with a vector each.
   *
   * @param documents - With ids that are theirs alone.
   * @param options - See {@link AddOptions}.
   * @throws {TypeError} If a document is not well formed, or has neither text nor vector for its vectors.
   * @throws {RangeError} If an id is there already or comes twice, or the dims differ.
   * @throws {EmbedderError} `space-mismatch` for vectors of another model; `quota-exceeded`, `store-unavailable`, `out-of-memory`,
   * `worker-crashed`, `disposed`; what the embedder throws. On an abort, the signal's reason.
   */
  add(documents: readonly IndexDocument<M>[], options?: AddOptions): Promise<void>
  /**
   * Adds documents, or puts them in the place of those with their ids: all of them or none.
   *
   * What did not change costs nothing: a document whose text is the same is not encoded, one of which metadata alone changed keeps its vectors,
   * and where all are as they were nothing is written. A text is encoded again where the index was opened with other passages or another prompt.
   *
   * @param documents - With ids that are theirs alone. Without an embedder, documents may bring no vectors where their texts did not change.
   * @param options - See {@link AddOptions}.
   * @returns How many were added, updated and left as they were.
   */
  update(documents: readonly IndexDocument<M>[], options?: AddOptions): Promise<UpdateCounts>
  /**
   * Removes documents, all in one change.
   *
   * @param which - Their ids, where unknown ones are passed over, or a filter.
   * @param options - Who is told of a wait, and what ends it.
   * @returns How many were there.
   * @throws {TypeError} If an id is none, or the filter says nothing clear; `{}` is refused, as {@link SearchIndex.clear} removes all.
   */
  remove(
    which: readonly DocumentId[] | { readonly filter: MetadataFilter<M> },
    options?: ChangeOptions,
  ): Promise<number>
  /**
   * Removes all documents, also of an index that cannot be read any more. What comes next may be of another model.
   *
   * @param options - Who is told of a wait, and what ends it.
   * @returns When it is done.
   */
  clear(options?: ChangeOptions): Promise<void>
  /**
   * Reads what was added.
   *
   * @param id - Which one.
   * @returns Its text and metadata; `undefined` if it is not there.
   * @throws {TypeError} If the id is neither a string nor a finite number.
   */
  get(id: DocumentId): Promise<StoredDocument<M> | undefined>
  /**
   * Tells whether a document is there.
   *
   * @param id - Which one.
   */
  has(id: DocumentId): Promise<boolean>
  /**
   * Tells which documents are there.
   *
   * @param ids - Which ones, in any order.
   * @returns A boolean for each, in their order.
   */
  has(ids: readonly DocumentId[]): Promise<readonly boolean[]>
  /**
   * Lists the ids of all documents, as they are at one moment.
   *
   * @returns Ids, in no order.
   */
  ids(): Promise<readonly DocumentId[]>
  /**
   * Counts documents by the values of members of their metadata, each value as a filter would find it: a list by its elements. What is missing,
   * and objects in metadata, are not counted.
   *
   * @param names - The members.
   * @param options - See {@link FacetOptions}.
   * @returns For each member its values with their numbers, the most frequent first. A map tells 1 from '1'.
   * @throws {TypeError} If an option is unknown, or the filter says nothing clear.
   */
  facets<Name extends string & keyof M>(
    names: readonly Name[],
    options?: FacetOptions<M>,
  ): Promise<Readonly<Record<Name, ValueCounts>>>
  /**
   * Finds documents. One with several passages is found once, by its best.
   *
   * @param query - What to look for.
   * @param options - See {@link SearchOptions}.
   * @returns At most `topK` documents, the best first; `[]` of an empty index.
   * @throws {TypeError} If the query needs an embedder that is not there, an option is unknown or of the wrong type, or the scoring needs
   * rows that are not kept.
   * @throws {RangeError} If an option is out of range or the dims differ.
   * @throws {EmbedderError} `space-mismatch` if the query is of another model than the documents; else as `add`.
   * @see `sentence_transformers.util.semantic_search`
   */
  search(query: SearchQuery, options?: SearchOptions<M>): Promise<readonly SearchHit<M>[]>
  /**
   * Finds the documents that say nearly the same, by comparing all passages with all in the worker, by cosine. `maxPairs` up to `topK` counts pairs of
   * documents, and takes a small part of the time; beyond it counts pairs of passages.
   *
   * @param options - How many, and what ends it.
   * @returns Pairs, the nearest first.
   * @see `sentence_transformers.util.paraphrase_mining_embeddings`
   */
  paraphraseMining(
    options?: Pick<ParaphraseMiningOptions, 'maxPairs' | 'topK' | 'signal' | 'onProgress'>,
  ): Promise<readonly DocumentPair[]>
  /**
   * Finds groups of documents that are near to one of them, in the worker, by cosine.
   *
   * @param options - How near and how many, and what ends it.
   * @returns Ids, the largest group first; in each the centre first.
   * @see `sentence_transformers.util.community_detection`
   */
  communityDetection(
    options?: Pick<CommunityDetectionOptions, 'threshold' | 'minCommunitySize' | 'signal' | 'onProgress'>,
  ): Promise<readonly (readonly DocumentId[])[]>
  /**
   * Counts documents, rows and bytes.
   *
   * @returns Facts about the index.
   */
  stats(): Promise<IndexStats>
  /**
   * Makes one file of the index, with a checksum; docs/search.md describes the format.
   *
   * @returns The file.
   */
  export(): Promise<Blob>
  /**
   * Puts the documents of a file in the place of those that are there or, with `merge`, of those with their ids.
   *
   * @param file - What `export` gave.
   * @param options - See {@link ImportOptions}.
   * @throws {RangeError} If the dims differ.
   * @throws {TypeError} If it is no file, or of another precision or similarity. A float32 file fits an int8 index.
   * @throws {EmbedderError} `index-corrupt` if it is not whole, `space-mismatch` if its vectors are to be merged with those of another model;
   * the index is as it was then.
   */
  import(file: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>, options?: ImportOptions): Promise<void>
  /**
   * Ends the worker and gives its memory back. Pending calls reject with `disposed`. A second call does nothing; what is stored stays.
   *
   * @returns When it is done.
   */
  dispose(): Promise<void>
}
