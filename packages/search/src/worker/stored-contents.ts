import type { EmbeddingSpace } from 'nestling'
import { ConnectionLost } from '../store/connection-lost.js'
import type { LockWait } from '@nestling/kit/locks/web-locks'
import { IndexStore } from '../store/index-store.js'
import { arrayOf } from '../store/row-array.js'
import { toStoreFailure } from '../store/store-failure.js'
import { checkFormat, type IndexIdentity, type Segment, type StoredHead } from '../store/stored-index.js'
import type { IndexSimilarity } from '../wire/scoring.js'
import type { IndexPrecision, OpenRequest } from '../wire/protocol.js'
import { IndexContents, type ContentsListener } from './index-contents.js'
import { checkDim, checkSettings, checkSpace, formsOf } from './index-settings.js'

/** Rows of documents that are gone may be as many as those that are there, and this many more, before all is rewritten. */
const SPARE_ROWS = 1024

/** Times that the browser may close the database while one change is written. */
const MAX_LOSSES = 2

/** A change that was staged. */
export interface ContentsChange {
  readonly segments: readonly Segment[]
  /** Space of its vectors; `undefined` where nobody said. */
  readonly space: EmbeddingSpace | undefined
  /** Dim of its vectors; `undefined` without any. */
  readonly dim: number | undefined
  /** Where the index is to become another. */
  readonly precision?: IndexPrecision
  readonly similarity?: IndexSimilarity
}

/** An index in memory, and where one was asked for, the same index in IndexedDB or in files, where other tabs and processes change it too. */
export class StoredContents {
  readonly #module: WebAssembly.Module
  #request: OpenRequest
  readonly #listener: () => ContentsListener | undefined
  #store: IndexStore | undefined
  #contents: IndexContents | undefined
  #space: EmbeddingSpace | null = null
  /** Version in the store of what is in memory. */
  #version = 0
  #base = 0
  #storedRows = 0
  /** What the store had when it was opened. */
  #storedDim: number | undefined
  #changes = 0
  #isCurrent = false
  #catchingUp: Promise<void> | undefined

  private constructor(module: WebAssembly.Module, request: OpenRequest, listener: () => ContentsListener | undefined) {
    this.#module = module
    this.#request = request
    this.#listener = listener
  }

  /**
   * Opens an index. What is stored is read when it is first needed.
   *
   * @param module - The kernels, compiled.
   * @param request - What the index is made with.
   * @param listener - Gives who is told of documents that come and go.
   * @throws {RangeError} If another dim is stored.
   * @throws {TypeError} If another precision or similarity is stored.
   * @throws {EmbedderError} `store-unavailable`, `index-corrupt`.
   */
  static async open(
    module: WebAssembly.Module,
    request: OpenRequest,
    listener: () => ContentsListener | undefined,
  ): Promise<StoredContents> {
    const opened = new StoredContents(module, request, listener)
    if (request.store === undefined) {
      opened.#isCurrent = true
      return opened
    }
    const store = await IndexStore.open(request.store, {
      onChange: () => {
        opened.#isCurrent = false
      },
      onLost: () => {
        opened.#startOver()
      },
    })
    opened.#store = store
    try {
      await opened.adopt(request)
    } catch (error) {
      store.close()
      throw error
    }
    return opened
  }

  /**
   * Takes the request that it was opened with and what is known of the embedder by now.
   *
   * @throws {RangeError} If another dim is stored.
   * @throws {TypeError} If another precision or similarity is stored.
   * @throws {EmbedderError} `space-mismatch` if the documents are of another model; `store-unavailable`, `index-corrupt`.
   */
  async adopt(request: OpenRequest): Promise<void> {
    const head = await this.#store?.head()
    checkFormat(head)
    const known = head ?? this.#contents?.identity
    if (known !== undefined) checkSettings(known, request)
    this.#storedDim ??= head?.dim
    const space = head === undefined ? this.#space : head.space
    const wanted = request.space?.id
    if (wanted !== undefined && wanted !== (space?.id ?? wanted)) {
      // Whether a document is left that it is the space of; what cannot be read says so when it is needed.
      await this.catchUp().catch(() => undefined)
      if (!this.#isEmpty) checkSpace(this.#space, request.space)
    }
    this.#request = request
  }

  /** What is in memory; `undefined` as long as nothing ever was. {@link StoredContents.catchUp} brings it up to date. */
  get contents(): IndexContents | undefined {
    return this.#contents
  }

  /** Space of the vectors; `null` where nobody said. */
  get space(): EmbeddingSpace | null {
    return this.#space
  }

  /** Dim of the vectors; `undefined` where it is not known yet. */
  get dim(): number | undefined {
    return this.#contents?.identity.dim ?? this.#request.dim ?? this.#storedDim
  }

  /** How rows are kept and compared. */
  get settings(): { readonly precision: IndexPrecision; readonly similarity: IndexSimilarity } {
    const { precision, similarity } = this.#request
    const known = this.#contents?.identity
    return {
      precision: precision ?? known?.precision ?? 'float32',
      similarity: similarity ?? known?.similarity ?? 'cosine',
    }
  }

  /** What the index is; `undefined` where it has no documents, and may become any other. */
  get identity(): Pick<IndexIdentity, 'dim' | 'precision' | 'similarity'> | undefined {
    if (this.#isEmpty || this.#contents === undefined) return undefined
    const { dim, precision, similarity } = this.#contents.identity
    return { dim, precision, similarity }
  }

  /** Changes with every change of the documents. */
  get changes(): number {
    return this.#changes
  }

  /** Version in the store of what is in memory. */
  get version(): number {
    return this.#version
  }

  /** The store; `undefined` in memory. */
  get store(): IndexStore | undefined {
    return this.#store
  }

  /**
   * Reads what other tabs and processes changed, and at first everything.
   *
   * @returns When it is in memory.
   * @throws {EmbedderError} `index-corrupt`, `store-unavailable`, `out-of-memory`.
   */
  async catchUp(): Promise<void> {
    await this.#store?.noticeChanges()
    // Also where another call reads just now: what is in memory is half of it, or nothing.
    while (!this.#isCurrent || this.#catchingUp !== undefined) {
      this.#catchingUp ??= this.#read().finally(() => {
        this.#catchingUp = undefined
      })
      await this.#catchingUp
    }
  }

  /**
   * Makes a change, in the store first.
   *
   * @param prepare - Checks the index as it is at that moment, and gives the change; `undefined` where there is nothing to write.
   * @param how - How to do it.
   * @param how.isRewrite - Whether nothing of what was there stays.
   * @param how.onWait - Told when another tab is waited for.
   * @param how.signal - Ends it before anything is written.
   * @throws {EmbedderError} `space-mismatch`, `quota-exceeded`, `store-unavailable`, `out-of-memory`; what `prepare` throws; on an abort, the
   * signal's reason. Nothing was changed then.
   */
  async change(
    prepare: () => ContentsChange | undefined,
    { isRewrite = false, ...turn }: LockWait & { readonly isRewrite?: boolean } = {},
  ): Promise<void> {
    const work = async (): Promise<void> => {
      for (let losses = 0; ;) {
        await (isRewrite ? this.#catchUpOrForget() : this.catchUp())
        turn.signal?.throwIfAborted()
        const change = prepare()
        try {
          if (await (change === undefined ? this.#isLatest() : this.#commit(change, isRewrite))) break
        } catch (error) {
          if (!(error instanceof ConnectionLost)) throw error
          if (++losses > MAX_LOSSES) throw toStoreFailure(error.cause)
        }
        this.#isCurrent = false
      }
      // The change is made: what only saves room must not fail it.
      await this.#sweep().catch(() => undefined)
    }
    await (this.#store === undefined ? work() : this.#store.lock.run(work, turn))
  }

  /** Closes the store. */
  close(): void {
    this.#store?.close()
  }

  /** What will be replaced need not be whole. */
  async #catchUpOrForget(): Promise<void> {
    try {
      await this.catchUp()
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'index-corrupt') throw error
      // What says what the index is may be damaged itself.
      const head = await this.#store?.head().catch(() => undefined)
      this.#version = head?.version ?? 0
      this.#storedDim = head?.dim
      this.#isCurrent = true
    }
  }

  /** Whether the store has what is in memory: nothing is to be written only where that is so. */
  async #isLatest(): Promise<boolean> {
    if (this.#store === undefined) return true
    const version = this.#version
    const head = await this.#store.head()
    // A connection that was lost meanwhile takes what is in memory with it.
    return this.#version === version && (head?.version ?? 0) === version
  }

  /** Writes and applies; `false` where another tab was faster. */
  async #commit(change: ContentsChange, isReplaced: boolean): Promise<boolean> {
    // An empty index is as good as a new one: it may become one of another model.
    const isRewrite = isReplaced || this.#isEmpty
    const identity = this.#identityAfter(change, isRewrite)
    if (identity === undefined) return true
    const { segments } = change
    const rows = segments.reduce((sum, { spans }) => sum + spans.length / 2, 0)
    const contents = isRewrite ? this.#create(identity) : (this.#contents ?? this.#create(identity))
    // Room first: what is stored must fit into memory.
    contents.rows.reserve(rows)
    if (this.#store !== undefined) {
      const version = this.#version + 1
      const base = isRewrite ? version : this.#base
      const storedRows = rows + (isRewrite ? 0 : this.#storedRows)
      const head: StoredHead = { ...identity, format: 1, version, base, storedRows }
      if (!(await this.#store.commit({ expected: this.#version, head, segments, isRewrite }))) return false
      this.#note(head)
    }
    if (isRewrite) this.#forgetWords()
    this.#adopt(contents, identity)
    for (const segment of segments) contents.apply(segment)
    this.#changes++
    return true
  }

  /** What the index will be; `undefined` where it stays nothing. */
  #identityAfter(change: ContentsChange, isRewrite: boolean): IndexIdentity | undefined {
    if (!isRewrite) checkSpace(this.#space, change.space)
    const known = isRewrite ? this.#request.dim : this.dim
    if (change.dim !== undefined) checkDim(known, change.dim)
    const dim = change.dim ?? this.dim
    if (dim === undefined) return undefined
    const { precision, similarity } = this.settings
    const RowArray = arrayOf(change.precision ?? precision)
    if (change.segments.some(({ vectors }) => !(vectors instanceof RowArray))) {
      throw new TypeError(
        `Cannot change the index as another tab or process made it with another precision: current value is ${precision}`,
      )
    }
    return {
      dim,
      precision: change.precision ?? precision,
      similarity: change.similarity ?? similarity,
      space: (isRewrite ? change.space : (this.#space ?? change.space)) ?? null,
    }
  }

  get #isEmpty(): boolean {
    return (this.#contents?.documents.count ?? 0) === 0
  }

  #note({ version, base, storedRows }: StoredHead): void {
    this.#version = version
    this.#base = base
    this.#storedRows = storedRows
  }

  /** Writes everything anew where most of what is stored is of documents that are gone. */
  async #sweep(): Promise<void> {
    const { contents } = this
    if (this.#store === undefined || contents === undefined || !this.#isCurrent) return
    const { count } = contents.rows
    if (this.#storedRows <= 2 * count + SPARE_ROWS) return
    const version = this.#version + 1
    const identity = { ...contents.identity, space: this.#space }
    const head: StoredHead = { ...identity, format: 1, version, base: version, storedRows: count }
    const change = { expected: this.#version, head, segments: contents.segments(), isRewrite: true }
    if (await this.#store.commit(change)) this.#note(head)
  }

  async #read(): Promise<void> {
    const store = this.#store as IndexStore
    this.#isCurrent = true
    try {
      await store.read(
        this.#version,
        (head) => {
          this.#start(head)
        },
        (segment) => {
          this.#contents?.apply(segment)
        },
      )
    } catch (error) {
      // What is half read is read again from the start.
      this.#startOver()
      if (!(error instanceof ConnectionLost)) throw error
    }
  }

  /** Forgets what was read; the store may hold another index now. */
  #startOver(): void {
    this.#reset()
    this.#version = 0
    this.#isCurrent = false
  }

  #start(head: StoredHead | undefined): void {
    if (head === undefined) {
      if (this.#version > 0) this.#reset()
      this.#version = 0
      this.#storedRows = 0
      return
    }
    checkFormat(head)
    checkSettings(head, this.#request)
    if (head.version === this.#version) return
    const isNew = this.#contents === undefined || head.base > this.#version
    if (isNew) this.#forgetWords()
    this.#adopt(isNew ? this.#create(head) : (this.#contents as IndexContents), head)
    this.#note(head)
    this.#changes++
  }

  #create({ dim, precision, similarity, space }: IndexIdentity): IndexContents {
    const identity = { dim, precision, similarity, space }
    return new IndexContents(this.#module, identity, formsOf(this.#request, precision))
  }

  #adopt(contents: IndexContents, { space }: IndexIdentity): void {
    this.#contents = contents
    this.#space = space
    contents.listener = this.#listener()
  }

  #reset(): void {
    this.#forgetWords()
    this.#contents = undefined
    this.#space = null
    this.#storedDim = undefined
    this.#changes++
  }

  #forgetWords(): void {
    this.#listener()?.onClear()
  }
}
