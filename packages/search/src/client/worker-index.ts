import { EmbedderError } from 'nestling'
import { readId } from '../wire/document-id.js'
import { importBundle } from '@nestling/kit/worker/import-bundle'
import { calling } from '@nestling/kit/worker/endpoint'
import { callListener } from '@nestling/kit/calls/call-listener'
import { checkKeys, checkSignal, checkType } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import type { DocumentId } from '../wire/document-id.js'
import type {
  CommitAnswer,
  DocumentChoice,
  DocumentPair,
  DocumentPortion,
  FoundDocument,
  MiningAnswer,
  MiningRequest,
  UpdateCounts,
  ValueCounts,
} from '../wire/protocol.js'
import { isPlainObject } from '@nestling/kit/options/value-kinds'
import { toPlain } from '@nestling/kit/options/to-plain'
import { untilAborted } from '@nestling/kit/calls/until-aborted'
import { AllowedDocuments } from './reading/allowed-documents.js'
import { ADD_KEYS, IMPORT_KEYS, readChange } from './change-options.js'
import { readVector, readyDocuments, readyPortions } from './adding/document-rows.js'
import { encodedPortions, encodingsOf } from './adding/encode-documents.js'
import type { HostLink } from './host-link.js'
import type { IndexModel } from './index-model.js'
import type { IndexReader } from './reading/index-reader.js'
import type { ResolvedIndexOptions } from './index-options.js'
import { knownIds } from './reading/known-ids.js'
import { resolveFilter, type MetadataFilter } from './reading/metadata-filter.js'
import { readDocuments } from './adding/read-documents.js'
import type {
  AddOptions,
  ChangeOptions,
  FacetOptions,
  ImportOptions,
  IndexDocument,
  IndexStats,
  SearchIndex,
  SearchQuery,
  StoredDocument,
} from './search-index.js'
import {
  resolveSearchOptions,
  type ResolvedSearchOptions,
  type SearchHit,
  type SearchOptions,
  type SearchPassage,
} from './search-options.js'
import { sendableFile } from './sendable-file.js'
import { StagedDocuments } from './adding/staged-documents.js'

/** What both kinds of mining take beside their own options. */
interface LongCall {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((share: number) => void) | undefined
}

/** An index whose documents are in a worker. */
export class WorkerIndex<M extends object> implements SearchIndex<M> {
  readonly #options: ResolvedIndexOptions
  readonly #link: HostLink
  readonly #model: IndexModel
  readonly #allowed = new AllowedDocuments((from) => this.#link.call('metadata', from))
  #lastCall = 0

  constructor(options: ResolvedIndexOptions, link: HostLink, model: IndexModel) {
    this.#model = model
    this.#options = options
    this.#link = link
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /** {@inheritDoc SearchIndex.add} */
  async add(documents: readonly IndexDocument<M>[], options: AddOptions = {}): Promise<void> {
    await this.#add(documents, options, false)
  }

  /** {@inheritDoc SearchIndex.update} */
  update(documents: readonly IndexDocument<M>[], options: AddOptions = {}): Promise<UpdateCounts> {
    return this.#add(documents, options, true)
  }

  /** {@inheritDoc SearchIndex.remove} */
  async remove(
    which: readonly DocumentId[] | { readonly filter: MetadataFilter<M> },
    options: ChangeOptions = {},
  ): Promise<number> {
    const what = 'remove documents'
    const { signal, onWait } = readChange(what, options)
    const remove = (chosen: readonly DocumentId[] | DocumentChoice): Promise<number | undefined> =>
      this.#change(signal, (work) => this.#link.call('remove', work, chosen, onWait))
    if (isList(which)) return (await remove(which.map((id, index) => readId(what, `ids[${index}]`, id)))) ?? 0
    if (!isPlainObject(which))
      throw new TypeError(`Cannot ${what} as they must be a list of ids or { filter }: current value is ${show(which)}`)
    checkKeys(what, which, { filter: true })
    return this.#allowed.choose(what, resolveFilter(what, which.filter), signal, remove)
  }

  /** {@inheritDoc SearchIndex.clear} */
  async clear(options: ChangeOptions = {}): Promise<void> {
    const { signal, onWait } = readChange('clear the index', options)
    await this.#change(signal, (work) => this.#link.call('clear', work, onWait))
    this.#link.dim = undefined
  }

  /** {@inheritDoc SearchIndex.get} */
  async get(id: DocumentId): Promise<StoredDocument<M> | undefined> {
    return (await this.#reader()).get(id)
  }

  /** {@inheritDoc SearchIndex.has} */
  has(id: DocumentId): Promise<boolean>
  has(ids: readonly DocumentId[]): Promise<readonly boolean[]>
  async has(which: DocumentId | readonly DocumentId[]): Promise<boolean | readonly boolean[]> {
    return (await this.#reader()).has(which)
  }

  /** {@inheritDoc SearchIndex.ids} */
  async ids(): Promise<readonly DocumentId[]> {
    return (await this.#reader()).ids()
  }

  /** Gives all documents; see {@link SearchIndex}. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StoredDocument<M>, void, undefined> {
    yield* (await this.#reader()).documents()
  }

  /** {@inheritDoc SearchIndex.facets} */
  async facets<Name extends string & keyof M>(
    names: readonly Name[],
    options?: FacetOptions<M>,
  ): Promise<Readonly<Record<Name, ValueCounts>>> {
    return (await this.#reader()).facets(names, options)
  }

  /** {@inheritDoc SearchIndex.search} */
  async search(query: SearchQuery, options: SearchOptions<M> = {}): Promise<readonly SearchHit<M>[]> {
    const resolved = resolveSearchOptions(options)
    const { signal } = resolved
    signal?.throwIfAborted()
    return untilAborted(this.#search(query, resolved), signal)
  }

  /** {@inheritDoc SearchIndex.paraphraseMining} */
  async paraphraseMining(
    options: LongCall & { readonly maxPairs?: number | undefined; readonly topK?: number | undefined } = {},
  ): Promise<readonly DocumentPair[]> {
    checkKeys('mine paraphrases', options, { maxPairs: true, topK: true, signal: true, onProgress: true })
    const { maxPairs, topK } = options
    return (await this.#mine({ kind: 'paraphrase', maxPairs, topK }, options)).pairs
  }

  /** {@inheritDoc SearchIndex.communityDetection} */
  async communityDetection(
    options: LongCall & {
      readonly threshold?: number | undefined
      readonly minCommunitySize?: number | undefined
    } = {},
  ): Promise<readonly (readonly DocumentId[])[]> {
    const known = { threshold: true, minCommunitySize: true, signal: true, onProgress: true } as const
    checkKeys('detect communities', options, known)
    const { threshold, minCommunitySize } = options
    return (await this.#mine({ kind: 'community', threshold, minCommunitySize }, options)).communities
  }

  /** {@inheritDoc SearchIndex.stats} */
  async stats(): Promise<IndexStats> {
    const { documents, rows, dim, precision, space, rowBytes, sizeBytes, storage } = await this.#link.call('state')
    return { documents, rows, dim, precision, space, rowBytes, sizeBytes, storage }
  }

  /** {@inheritDoc SearchIndex.export} */
  export(): Promise<Blob> {
    return this.#link.call('exportFile')
  }

  /** {@inheritDoc SearchIndex.import} */
  async import(file: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>, options: ImportOptions = {}): Promise<void> {
    const { signal, onWait } = readChange('import an index', options, IMPORT_KEYS)
    const isMerge = checkType('import an index', 'merge', options.merge, 'boolean') ?? false
    const given: unknown = file
    const isFile = given instanceof Blob || given instanceof ArrayBuffer || given instanceof Uint8Array
    if (!isFile)
      throw new TypeError(`Cannot import an index as it must be a Blob or bytes: current value is ${show(given)}`)
    const blob = file instanceof Blob ? await sendableFile(file) : new Blob([file])
    await this.#change(signal, (work) => this.#link.call('importFile', work, blob, isMerge, onWait))
    this.#link.dim = undefined
  }

  /** {@inheritDoc SearchIndex.dispose} */
  dispose(): Promise<void> {
    return this.#link.dispose()
  }

  /** {@inheritDoc SearchIndex.dispose} */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  async #add(given: readonly IndexDocument<M>[], options: AddOptions, isUpdate: boolean): Promise<UpdateCounts> {
    const { signal, onWait } = readChange('add documents', options, ADD_KEYS)
    const { embeddings, onProgress } = options
    checkType('add documents', 'onProgress', onProgress, 'function')
    const documents = await readDocuments(given)
    signal?.throwIfAborted()
    if (documents.length === 0) return { added: 0, updated: 0, unchanged: 0 }
    const change = ++this.#lastCall
    const staged = new StagedDocuments(this.#link, change, documents, { signal, onProgress })
    const isReady = embeddings !== undefined || documents.some(({ embedding }) => embedding !== undefined)
    const commit = (): Promise<CommitAnswer> => this.#link.call('commit', change, isUpdate, onWait, documents.length)
    try {
      if (!isUpdate) await untilAborted(this.#refuseKnown(documents), signal)
      let left = isUpdate && !isReady ? await this.#compare(staged, signal) : documents
      for (;;) {
        if (left.length > 0) await staged.stage(this.#portions(left, embeddings, signal))
        const { stale, ...counts } = await this.#change(signal, commit, change)
        if (stale.length === 0) return counts
        // Another call or tab has changed them since they were compared.
        const again = new Set(stale)
        left = documents.filter(({ id }) => again.has(id))
      }
    } catch (error) {
      staged.discard()
      throw error
    }
  }

  /** Finds the documents whose vectors must be made. */
  async #compare(staged: StagedDocuments<M>, signal: AbortSignal | undefined): Promise<readonly IndexDocument<M>[]> {
    if (!this.#model.isExpected) return staged.compare(() => undefined)
    const embedder = await untilAborted(this.#model.get(), signal)
    return staged.compare((some) => encodingsOf(some, { ...this.#options, embedder }))
  }

  async #reader(): Promise<IndexReader<M>> {
    const { IndexReader } = await importBundle(() => import('./reading/index-reader.js'), EmbedderError)
    return new IndexReader(this.#link, this.#allowed)
  }

  /** Before anything is encoded; whether an id is new is looked at again when the change is made. */
  async #refuseKnown(documents: readonly IndexDocument<M>[]): Promise<void> {
    const [known] = await knownIds(
      this.#link,
      documents.map(({ id }) => id),
    )
    if (known === undefined) return
    throw new RangeError(
      `Cannot add documents as ids must be new: current value is ${JSON.stringify(known)}\nUse update()`,
    )
  }

  async *#portions(
    documents: readonly IndexDocument<M>[],
    embeddings: AddOptions['embeddings'],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<DocumentPortion, void, undefined> {
    const ready = readyDocuments(documents, embeddings)
    const { request, maxTokens, overlapTokens, context } = this.#options
    if (ready !== undefined) {
      yield* readyPortions(ready)
      return
    }
    if (!this.#model.isExpected) {
      throw new TypeError(
        'Cannot add documents as each must have an embedding where there is no embedder: current value is undefined',
      )
    }
    const embedder = await untilAborted(this.#model.get(), signal)
    const dim = request.dim ?? (await this.#link.ready())
    yield* encodedPortions(documents, { embedder, dim, maxTokens, overlapTokens, context, signal })
  }

  async #search(query: SearchQuery, options: ResolvedSearchOptions<M>): Promise<readonly SearchHit<M>[]> {
    const { mode, topK, minScore, fusion, explain, scoring, chosen, signal } = options
    // Nothing is asked for.
    if (typeof query === 'string' && query.trim() === '') return []
    const { text, vector, space } = await this.#readQuery(query, options)
    const found = await this.#allowed.choose('search', chosen, signal, async (choice) => {
      // A copy: the caller's vector stays theirs.
      const asked = { mode, text, vector: vector?.slice(), space, topK, minScore, fusion, explain, scoring }
      const answer = await this.#link.call('search', { ...asked, ...choice })
      return answer.isStale ? undefined : answer.found
    })
    const sentences = explain ? await this.#sentences(found, vector, signal) : []
    return found.map(({ id, score, parts, metadata, passage, words }, place) => {
      return {
        id,
        score,
        ...(parts && { parts }),
        metadata: (metadata ?? undefined) as M | undefined,
        passage: passage ?? undefined,
        ...(words && { matches: { words, sentence: sentences[place] } }),
      }
    })
  }

  /** The part of each passage that is nearest in meaning; only those who ask for it load what finds it. */
  async #sentences(
    found: readonly FoundDocument[],
    vector: Float32Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<readonly (SearchPassage | undefined)[]> {
    if (vector === undefined || !this.#model.isHere) return []
    const embedder = await this.#model.get()
    const { nearestSentences } = await import('./nearest-sentences.js')
    const passages = found.map(({ passage }) => passage ?? undefined)
    return nearestSentences(passages, { embedder, vector, signal })
  }

  async #readQuery(
    query: SearchQuery,
    { mode, signal }: ResolvedSearchOptions<M>,
  ): Promise<{ text: string; vector?: Float32Array; space?: { id: string; model: string } | undefined }> {
    const isBoth = typeof query === 'object' && 'embedding' in query
    const text: unknown = typeof query === 'string' ? query : isBoth ? query.text : ''
    if (mode !== 'vectors' && typeof query !== 'string' && !isBoth) {
      throw new TypeError(`Cannot search as mode ${mode} needs a text: current value is ${show(query)}`)
    }
    if (typeof text !== 'string') {
      throw new TypeError(`Cannot search as the text of a query must be a string: current value is ${show(text)}`)
    }
    if (mode === 'keywords') return { text }
    if (typeof query !== 'string') {
      const { data, space } = readVector('search', isBoth ? query.embedding : query)
      return { text, vector: data, space }
    }
    if (!this.#model.isExpected) {
      throw new TypeError(
        `Cannot search as a text needs an embedder: current mode is ${mode}\nGive one to createIndex(), or search by a vector or by mode: 'keywords'`,
      )
    }
    // Words need not wait.
    if (mode === 'hybrid' && !this.#model.isHere) return { text }
    const embedder = await this.#model.get()
    const truncateDim = this.#options.request.dim ?? (await this.#link.ready())
    const { data, space } = await embedder.encodeQuery(text, { truncateDim, signal })
    return { text, vector: data, space }
  }

  async #mine(request: MiningRequest, { signal, onProgress }: LongCall): Promise<MiningAnswer> {
    checkType('compare documents', 'onProgress', onProgress, 'function')
    checkSignal('compare documents', signal)
    signal?.throwIfAborted()
    const work = ++this.#lastCall
    const plain = toPlain('compare documents', 'options', request)
    // What the worker tells has a way of its own, and may come after the answer.
    let told = 0
    let isOver = false
    const tell = (share: number): void => {
      if (isOver || share <= told) return
      told = share
      callListener(onProgress, share)
    }
    try {
      const mining = this.#link.call('mine', work, plain, calling(tell))
      const answer = await untilAborted(mining, signal, () => {
        void this.#link.call('cancel', work).catch(() => undefined)
      })
      tell(1)
      return answer
    } finally {
      isOver = true
    }
  }

  /** The worker says what came first, the abort or the change: what is being written is not taken back. */
  async #change<T>(
    signal: AbortSignal | undefined,
    call: (work: number) => Promise<T>,
    work: number = ++this.#lastCall,
  ): Promise<T> {
    signal?.throwIfAborted()
    const cancel = (): void => {
      void this.#link.call('cancel', work).catch(() => undefined)
    }
    signal?.addEventListener('abort', cancel)
    try {
      return await call(work)
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }
}

function isList(value: unknown): value is readonly DocumentId[] {
  return Array.isArray(value)
}
