import { show } from '@nestling/kit/options/show'
import { normOf } from '@nestling/kit/math/norm'
import { mergeSegments } from '../store/merge-segments.js'
import { readIndexFile, writeIndexFile } from '../store/index-file.js'
import { arrayOf } from '../store/row-array.js'
import type { Segment } from '../store/stored-index.js'
import { failure } from '../wire/failure.js'
import type { DocumentId } from '../wire/document-id.js'
import type {
  CommitAnswer,
  DocumentChoice,
  DocumentPortion,
  GivenDocuments,
  IdPortion,
  IndexPrecision,
  IndexState,
  KeptDocument,
  MetadataPortion,
  MiningAnswer,
  MiningRequest,
  OpenRequest,
  SearchAnswer,
  SearchHostApi,
  SearchRequest,
  ValueCounts,
} from '../wire/protocol.js'
import { answerSearch } from './answer-search.js'
import { chosenPlaces, isStale } from '../documents/chosen-places.js'
import { countValues } from '../documents/count-values.js'
import { fieldNames } from './field-texts.js'
import { fileToChange } from './file-to-change.js'
import type { IndexContents } from './index-contents.js'
import { holdLock } from '@nestling/kit/locks/life-lock'
import { checkDim, checkSpace, chooseScoring, formsOf } from './index-settings.js'
import { KeywordSide } from './keyword-side.js'
import { mineDocuments } from './mine-documents.js'
import { idsFrom, metadataFrom, readDocuments } from '../documents/read-documents.js'
import { StoredContents, type ContentsChange } from './stored-contents.js'
import { StagedChanges } from './staged-changes.js'

/** What one page has open. */
interface OpenIndex {
  request: OpenRequest
  readonly stored: StoredContents
  readonly words: KeywordSide
}

/** Hosts one index. It knows nothing of workers: the worker's entry exposes it, tests call it directly. */
export class SearchHost implements SearchHostApi {
  readonly #module: WebAssembly.Module
  readonly #staged = new StagedChanges()
  /** Calls that can be cancelled. */
  readonly #running = new Map<number, AbortController>()
  #open: OpenIndex | undefined

  /**
   * Starts without an index.
   *
   * @param module - The kernels, compiled.
   */
  constructor(module: WebAssembly.Module) {
    this.#module = module
  }

  /** {@inheritDoc SearchHostApi.hold} */
  hold(lock: string): Promise<boolean> {
    return holdLock(lock)
  }

  /** {@inheritDoc SearchHostApi.open} */
  async open(request: OpenRequest): Promise<number | undefined> {
    const words = new KeywordSide({ fields: request.fields })
    const listener = (): KeywordSide => words
    const stored = await StoredContents.open(this.#module, request, listener)
    this.#open = { request, words, stored }
    return stored.dim
  }

  /** {@inheritDoc SearchHostApi.adopt} */
  async adopt(request: OpenRequest): Promise<void> {
    const open = this.#current()
    await open.stored.adopt(request)
    open.request = request
  }

  /** {@inheritDoc SearchHostApi.stage} */
  async stage(change: number, portion: DocumentPortion): Promise<void> {
    const { stored, request } = this.#current()
    await stored.catchUp()
    this.#staged.stage(change, portion, stored, request)
  }

  /** {@inheritDoc SearchHostApi.compare} */
  async compare(change: number, documents: GivenDocuments): Promise<Uint8Array> {
    return this.#staged.compare(change, documents, await this.#contents())
  }

  /** {@inheritDoc SearchHostApi.commit} */
  async commit(change: number, isUpdate: boolean, onWait?: () => void, count?: number): Promise<CommitAnswer> {
    const { stored, words } = this.#current()
    if (count !== undefined) this.#staged.checkCount(change, count)
    let answer: CommitAnswer = { added: 0, updated: 0, unchanged: 0, stale: [] }
    const prepare = (): ContentsChange | undefined => {
      const plan = this.#staged.plan(change, isUpdate, stored)
      answer = plan.answer
      return plan.change
    }
    await this.#cancellable(change, (signal) => stored.change(prepare, { onWait, signal }))
    words.writeSoon(stored)
    this.#staged.settle(change, answer)
    return answer
  }

  /** {@inheritDoc SearchHostApi.discard} */
  discard(change: number): void {
    this.#staged.discard(change)
  }

  /** {@inheritDoc SearchHostApi.known} */
  async known(ids: readonly DocumentId[]): Promise<readonly DocumentId[]> {
    const contents = await this.#contents()
    return ids.filter((id) => contents?.documents.placeOf(id) !== undefined)
  }

  /** {@inheritDoc SearchHostApi.remove} */
  async remove(
    work: number,
    which: readonly DocumentId[] | DocumentChoice,
    onWait?: () => void,
  ): Promise<number | undefined> {
    const { stored, words } = this.#current()
    let removed: readonly DocumentId[] | undefined
    const prepare = (): ContentsChange | undefined => {
      removed = idsToRemove(stored, which)
      if (removed === undefined || removed.length === 0) return undefined
      const { precision } = stored.settings
      return { segments: [removalOf(removed, precision)], space: undefined, dim: undefined }
    }
    await this.#cancellable(work, async (signal) => {
      // Nobody waits for the lock as long as this reads what is stored.
      await stored.catchUp()
      await stored.change(prepare, { onWait, signal })
    })
    words.writeSoon(stored)
    return removed?.length
  }

  /** {@inheritDoc SearchHostApi.clear} */
  clear(work: number, onWait?: () => void): Promise<void> {
    const { stored } = this.#current()
    const nothing = { segments: [], space: undefined, dim: undefined }
    return this.#cancellable(work, (signal) => stored.change(() => nothing, { isRewrite: true, onWait, signal }))
  }

  /** {@inheritDoc SearchHostApi.search} */
  async search(request: SearchRequest): Promise<SearchAnswer> {
    const { stored, words, request: made } = this.#current()
    await stored.catchUp()
    const needsWords = request.mode !== 'vectors' && stored.contents !== undefined
    const keywords = needsWords ? await words.get(stored) : undefined
    const { contents } = stored
    if (isStale(request, stored.changes)) return { found: [], isStale: true }
    if (request.vector !== undefined) {
      checkSpace(stored.space, request.space)
      checkDim(stored.dim, request.vector.length)
      checkFinite(request.vector)
    }
    const forms = formsOf(made, stored.settings.precision)
    const scoring = chooseScoring(request.scoring, made, forms, contents?.rows.count ?? 0)
    const allowed = chosenPlaces('search', contents?.documents, request)
    if (contents === undefined || contents.documents.count === 0) return { found: [], isStale: false }
    const fields = fieldNames(made)
    const ground = { contents, words: keywords, fields, scoring, allowed }
    return { found: answerSearch(ground, request), isStale: false }
  }

  /** {@inheritDoc SearchHostApi.metadata} */
  async metadata(from: number): Promise<MetadataPortion> {
    const contents = await this.#contents()
    return metadataFrom(contents?.documents, from, this.#current().stored.changes)
  }

  /** {@inheritDoc SearchHostApi.ids} */
  async ids(from: number): Promise<IdPortion> {
    const contents = await this.#contents()
    return idsFrom(contents?.documents, from, this.#current().stored.changes)
  }

  /** {@inheritDoc SearchHostApi.read} */
  async read(ids: readonly DocumentId[]): Promise<readonly (KeptDocument | null)[]> {
    const contents = await this.#contents()
    return readDocuments(contents?.documents, ids)
  }

  /** {@inheritDoc SearchHostApi.facets} */
  async facets(names: readonly string[], choice: DocumentChoice): Promise<readonly ValueCounts[] | undefined> {
    const contents = await this.#contents()
    if (isStale(choice, this.#current().stored.changes)) return undefined
    const chosen = chosenPlaces('count values', contents?.documents, choice)
    return names.map((name) => countValues(contents?.documents, name, chosen))
  }

  /** {@inheritDoc SearchHostApi.state} */
  async state(): Promise<IndexState> {
    const contents = await this.#contents()
    const { stored } = this.#current()
    const rows = contents?.rows.count ?? 0
    return {
      documents: contents?.documents.count ?? 0,
      rows,
      dim: stored.dim,
      precision: stored.settings.precision,
      space: stored.space ?? undefined,
      rowBytes: rows * (contents?.rows.keptBytes ?? 0),
      sizeBytes: (contents?.rows.sizeBytes ?? 0) + (contents?.documents.sizeBytes ?? 0),
      storage: stored.store?.kind ?? 'memory',
      version: stored.changes,
    }
  }

  /** {@inheritDoc SearchHostApi.exportFile} */
  async exportFile(): Promise<Blob> {
    const contents = await this.#contents()
    const { stored } = this.#current()
    const { dim } = stored
    if (dim === undefined) {
      throw new RangeError('Cannot export the index as its dim is not known: current number of documents is 0')
    }
    const identity = { dim, ...stored.settings, space: stored.space }
    const segment = mergeSegments([...(contents?.segments() ?? [])], identity)
    return new Blob([await writeIndexFile({ identity, segment })], { type: 'application/octet-stream' })
  }

  /** {@inheritDoc SearchHostApi.importFile} */
  importFile(work: number, file: Blob, isMerge: boolean, onWait?: () => void): Promise<void> {
    const { stored, words, request } = this.#current()
    return this.#cancellable(work, async (signal) => {
      const read = await readIndexFile(new Uint8Array(await file.arrayBuffer()))
      // What is there may change until then.
      const prepare = (): ContentsChange => fileToChange(read, isMerge ? { ...request, ...stored.identity } : request)
      await stored.change(prepare, { isRewrite: !isMerge, onWait, signal })
      words.writeSoon(stored)
    })
  }

  /** {@inheritDoc SearchHostApi.mine} */
  mine(work: number, request: MiningRequest, onProgress: (share: number) => void): Promise<MiningAnswer> {
    return this.#cancellable(work, async (signal) => {
      const contents = await this.#contents()
      return mineDocuments(contents, request, { signal, onProgress, module: this.#module })
    })
  }

  /** {@inheritDoc SearchHostApi.cancel} */
  cancel(work: number): void {
    this.#running.get(work)?.abort()
  }

  /** {@inheritDoc SearchHostApi.dispose} */
  async dispose(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    await open.words.write(open.stored)
    open.stored.close()
  }

  async #cancellable<T>(work: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    this.#running.set(work, controller)
    try {
      return await run(controller.signal)
    } finally {
      this.#running.delete(work)
    }
  }

  async #contents(): Promise<IndexContents | undefined> {
    const { stored } = this.#current()
    await stored.catchUp()
    return stored.contents
  }

  #current(): OpenIndex {
    if (this.#open !== undefined) return this.#open
    throw failure('disposed', 'Cannot use the index as it is not open: make another one with createIndex()')
  }
}

function checkFinite(vector: Float32Array): void {
  const norm = normOf(vector)
  if (Number.isFinite(norm)) return
  throw new RangeError(`Cannot search as a vector must have finite components: current norm is ${norm}`)
}

/** Ids that are there; `undefined` where they were chosen in another version. */
function idsToRemove(
  { contents, changes }: StoredContents,
  which: readonly DocumentId[] | DocumentChoice,
): readonly DocumentId[] | undefined {
  const documents = contents?.documents
  if (isList(which)) return [...new Set(which)].filter((id) => documents?.placeOf(id) !== undefined)
  if (which.allowed === undefined && Object.keys(which.filter ?? {}).length === 0) {
    throw new TypeError(
      `Cannot remove documents as filter must have a condition: current value is ${show(which.filter)}\nUse clear() to remove all of them`,
    )
  }
  if (isStale(which, changes)) return undefined
  const chosen = chosenPlaces('remove documents', documents, which)
  return [...(documents?.places() ?? [])].flatMap((place) => {
    const id = documents?.at(place)?.id
    return id === undefined || chosen?.[place] !== 1 ? [] : [id]
  })
}

function isList(which: readonly DocumentId[] | DocumentChoice): which is readonly DocumentId[] {
  return Array.isArray(which)
}

function removalOf(removed: readonly DocumentId[], precision: IndexPrecision): Segment {
  return {
    removed,
    ids: [],
    texts: [],
    metadata: [],
    rowCounts: new Int32Array(0),
    spans: new Int32Array(0),
    vectors: new (arrayOf(precision))(0),
    scales: new Float32Array(0),
    digests: new Float64Array(0),
  }
}
