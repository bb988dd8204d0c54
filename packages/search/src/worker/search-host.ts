import { normOf } from '@nestling/kit/math/norm'
import { mergeSegments } from '../store/merge-segments.js'
import { readIndexFile, writeIndexFile } from '../store/index-file.js'
import type { Segment } from '../store/stored-index.js'
import { failure } from '../wire/failure.js'
import type { DocumentId } from '../wire/document-id.js'
import type {
  DocumentPortion,
  IndexState,
  MetadataPortion,
  MiningAnswer,
  MiningRequest,
  OpenRequest,
  SearchAnswer,
  SearchHostApi,
  SearchRequest,
} from '../wire/protocol.js'
import { answerSearch } from './answer-search.js'
import { placesWhere } from './find-documents.js'
import { fileToChange } from './file-to-change.js'
import type { IndexContents } from './index-contents.js'
import { holdLock } from '@nestling/kit/locks/life-lock'
import { checkDim, checkSpace, chooseScoring, formsOf } from './index-settings.js'
import { KeywordSide } from './keyword-side.js'
import { mineDocuments } from './mine-documents.js'
import { StoredContents, type ContentsChange } from './stored-contents.js'
import { stagePortion } from './stage-portion.js'

/** Documents whose metadata go to the page in one message: it reads them in about 3 ms. */
const METADATA_COUNT = 1000

/** A change on its way. */
interface Staged {
  readonly segments: Segment[]
  readonly space: DocumentPortion['space']
  readonly dim: number
}

/** What one page has open. */
interface OpenIndex {
  request: OpenRequest
  readonly stored: StoredContents
  readonly words: KeywordSide
}

/** Hosts one index. It knows nothing of workers: the worker's entry exposes it, tests call it directly. */
export class SearchHost implements SearchHostApi {
  readonly #module: WebAssembly.Module
  readonly #staged = new Map<number, Staged>()
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
    const words = new KeywordSide()
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
    const { precision, similarity } = stored.settings
    const segment = stagePortion(portion, precision, similarity)
    const { dim, space } = portion
    const staged = this.#staged.get(change) ?? { segments: [], dim, space }
    checkDim(staged.dim, dim)
    checkDim(request.dim, dim)
    checkSpace(staged.space ?? null, space)
    staged.segments.push(segment)
    this.#staged.set(change, staged)
  }

  /** {@inheritDoc SearchHostApi.commit} */
  async commit(change: number, isUpdate: boolean, onWait?: () => void): Promise<void> {
    const { stored, words } = this.#current()
    const staged = this.#staged.get(change)
    this.#staged.delete(change)
    if (staged === undefined) return
    const prepare = (): Staged => {
      if (!isUpdate) checkNew(staged.segments, stored.contents)
      return staged
    }
    await this.#cancellable(change, (signal) => stored.change(prepare, { onWait, signal }))
    words.writeSoon(stored)
  }

  /** {@inheritDoc SearchHostApi.discard} */
  discard(change: number): void {
    this.#staged.delete(change)
  }

  /** {@inheritDoc SearchHostApi.known} */
  async known(ids: readonly DocumentId[]): Promise<readonly DocumentId[]> {
    const contents = await this.#contents()
    return ids.filter((id) => contents?.documents.placeOf(id) !== undefined)
  }

  /** {@inheritDoc SearchHostApi.remove} */
  remove(work: number, ids: readonly DocumentId[], onWait?: () => void): Promise<number> {
    const { stored, words } = this.#current()
    let removed: DocumentId[] = []
    const prepare = (): ContentsChange => {
      removed = [...new Set(ids)].filter((id) => stored.contents?.documents.placeOf(id) !== undefined)
      const { precision } = stored.settings
      return { segments: [removalOf(removed, precision === 'int8')], space: undefined, dim: undefined }
    }
    return this.#cancellable(work, async (signal) => {
      await stored.catchUp()
      if ((await this.known(ids)).length === 0) return 0
      await stored.change(prepare, { onWait, signal })
      words.writeSoon(stored)
      return removed.length
    })
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
    if (request.allowed !== undefined && request.allowed.version !== stored.changes) return { found: [], isStale: true }
    if (request.vector !== undefined) {
      checkSpace(stored.space, request.space)
      checkDim(stored.dim, request.vector.length)
      checkFinite(request.vector)
    }
    const forms = formsOf(made, stored.settings.precision)
    const scoring = chooseScoring(request.scoring, made, forms, contents?.rows.count ?? 0)
    if (contents === undefined || contents.documents.count === 0) return { found: [], isStale: false }
    const allowed =
      request.allowed?.bytes ?? (request.equals === undefined ? undefined : placesWhere(contents, request.equals))
    return { found: answerSearch({ contents, words: keywords, scoring, allowed }, request), isStale: false }
  }

  /** {@inheritDoc SearchHostApi.metadata} */
  async metadata(from: number): Promise<MetadataPortion> {
    const contents = await this.#contents()
    const total = contents?.documents.end ?? 0
    const count = Math.min(METADATA_COUNT, Math.max(0, total - from))
    const documents = Array.from({ length: count }, (_, index) => contents?.documents.at(from + index))
    return {
      version: this.#current().stored.changes,
      ids: documents.map((document) => document?.id ?? null),
      metadata: documents.map((document) => document?.metadata ?? null),
      total,
    }
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
      storage: stored.store === undefined ? 'memory' : 'indexeddb',
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
    const segment = mergeSegments([...(contents?.segments() ?? [emptySegment(stored)])], dim)
    const identity = { dim, ...stored.settings, space: stored.space }
    return new Blob([await writeIndexFile({ identity, segment })], { type: 'application/octet-stream' })
  }

  /** {@inheritDoc SearchHostApi.importFile} */
  importFile(work: number, file: Blob, onWait?: () => void): Promise<void> {
    const { stored, request } = this.#current()
    return this.#cancellable(work, async (signal) => {
      const read = await readIndexFile(new Uint8Array(await file.arrayBuffer()))
      const change = fileToChange(read, request)
      await stored.change(() => change, { isRewrite: true, onWait, signal })
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

function checkNew(segments: readonly Segment[], contents: IndexContents | undefined): void {
  const id = segments.flatMap(({ ids }) => ids).find((id) => contents?.documents.placeOf(id) !== undefined)
  if (id === undefined) return
  throw new RangeError(`Cannot add documents as ids must be new: current value is ${JSON.stringify(id)}\nUse update()`)
}

function removalOf(removed: readonly DocumentId[], isInt8: boolean): Segment {
  return {
    removed,
    ids: [],
    texts: [],
    metadata: [],
    rowCounts: new Int32Array(0),
    spans: new Int32Array(0),
    vectors: isInt8 ? new Int8Array(0) : new Float32Array(0),
    scales: new Float32Array(0),
  }
}

function emptySegment(stored: StoredContents): Segment {
  return removalOf([], stored.settings.precision === 'int8')
}
