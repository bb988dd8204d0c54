import { sha256Hex } from '../../model/sha256.js'
import type { DownloadWriter, KeptFiles, ReadHow } from '../../model/sources/kept-files.js'
import { EmbedderError, isEmbedderError, type EmbedderErrorCode } from '../../wire/embedder-error.js'
import { StorageRoom, type StorageEstimate } from './storage-room.js'
import { StoredDownloadWriter, type SinkOwner } from './stored-download-writer.js'
import type { StoredDownload, StoredFile, StoredModel } from './stored-model.js'
import type { ModelStore } from './model-store.js'

/** What a session is made of. */
export interface SessionOptions {
  readonly store: ModelStore
  /** Key of the model. */
  readonly key: string
  /** Its name. */
  readonly name: string
  readonly weights: 'auto' | 'reload' | 'only'
  readonly onQuota: 'error' | 'memory' | 'evict'
  /**
   * Takes the right to write the model, when something has to be written; `false` where another tab has it. Left out where the caller has it
   * already.
   */
  readonly beginWriting?: (() => Promise<boolean>) | undefined
  /** Asks the browser for its quota; replaced in tests. */
  readonly estimate?: (() => Promise<StorageEstimate>) | undefined
}

/** What to do with a load that cannot go on as it was begun. */
export interface Restart {
  /**
   * `again` reads what is stored now, `alone` does so with the right to write, `reload` reads every file from its server, `without-store` does
   * so and keeps nothing.
   */
  readonly how: 'again' | 'alone' | 'reload' | 'without-store'
  /** Why, a sentence for a person. */
  readonly reason: string
  /** Whether the model itself is to blame, and not what an earlier load left. */
  readonly isFault: boolean
}

/** Failures that say something of the files: what was downloaded is then no use. */
const FILE_FAULTS: readonly EmbedderErrorCode[] = [
  'integrity-mismatch',
  'model-invalid',
  'model-not-found',
  'model-unsupported',
  'weights-missing',
]

/** What one load reads and writes of one model: files of one generation, and of one commit of the hub's repository. */
export class ModelSession implements KeptFiles, SinkOwner {
  readonly #options: SessionOptions
  readonly #generation: string
  /** Files of the manifest, and those that this load has added. */
  readonly #files: Map<string, StoredFile>
  readonly #absent: Set<string>
  readonly #kept: ReadonlyMap<string, StoredDownload>
  readonly #added = new Set<string>()
  readonly #digests = new Map<string, string>()
  readonly #writes = new Set<Promise<unknown>>()
  /** For what this load is about to store. */
  readonly room: StorageRoom
  /** The manifest that was found. */
  readonly #found: StoredModel | undefined
  #mayWrite: Promise<boolean> | undefined
  #commit: string | undefined
  #isCommitKnown = false
  #isWritten: boolean
  #isStoring = true
  #problem: string | undefined
  #restart: Restart | undefined

  private constructor(options: SessionOptions, found: Found) {
    const { model, kept } = found
    this.#options = options
    this.#generation = found.generation
    this.#files = new Map(model?.files.map((file) => [file.path, file]))
    this.#absent = new Set(model?.absentPaths)
    this.#commit = model?.commit ?? kept.find(({ commit }) => commit !== undefined)?.commit
    this.#kept = new Map(kept.map((download) => [download.path, download]))
    this.#isWritten = model !== undefined
    this.#found = model
    this.room = new StorageRoom(options.store, options.key, options.estimate)
  }

  /**
   * Looks up what is stored of a model.
   *
   * @param options - Which model, and how.
   * @throws {EmbedderError} `model-not-found` if nothing but the store may be asked and the model is not in it, `store-unavailable`
   */
  static async open(options: SessionOptions): Promise<ModelSession> {
    const { store, key, weights } = options
    const [manifest, downloads] = await Promise.all([store.find(key), store.listDownloads(key)])
    const model = weights === 'reload' ? undefined : manifest
    if (weights === 'only' && model === undefined) throw notStored(options)
    const latest = weights === 'reload' ? undefined : [...downloads].sort((a, b) => b.updatedAt - a.updatedAt)[0]
    const generation = model?.generation ?? latest?.generation ?? crypto.randomUUID()
    const stale = new Set(downloads.map((download) => download.generation))
    stale.delete(generation)
    if (manifest !== undefined) stale.delete(manifest.generation)
    // What nobody will go on with only takes room.
    for (const old of stale) await store.discard(key, old)
    const kept = downloads.filter((download) => download.generation === generation)
    return new ModelSession(options, { model, generation, kept })
  }

  /**
   * Opens a model that is stored whole, to read it: what is read needs no right to write.
   *
   * @param options - Which model, and how to get that right if a file has to be added.
   * @returns The session; `undefined` where the model is not stored whole.
   * @throws {EmbedderError} `store-unavailable`
   */
  static async openWhole(options: SessionOptions): Promise<ModelSession | undefined> {
    const { store, key } = options
    const [model, downloads] = await Promise.all([store.find(key), store.listDownloads(key)])
    if (model === undefined) return undefined
    const { generation } = model
    const kept = downloads.filter((download) => download.generation === generation)
    return new ModelSession(options, { model, generation, kept })
  }

  /** {@inheritDoc KeptFiles.isOffline} */
  get isOffline(): boolean {
    return this.#options.weights === 'only'
  }

  /** Why the model is not stored, a sentence for a person; `undefined` where it is or will be. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Whether the load has to begin again, and how. */
  get restart(): Restart | undefined {
    return this.#restart
  }

  /** What came of it. */
  get outcome(): 'stored' | 'downloaded' | 'not-stored' {
    if (this.#isWritten) return this.#added.size === 0 ? 'stored' : 'downloaded'
    // What could not be written is only what would save work.
    const isAsFound = this.#found !== undefined && this.#added.size === 0 && this.#problem === undefined
    return isAsFound ? 'stored' : 'not-stored'
  }

  /** {@inheritDoc KeptFiles.lookUp} */
  lookUp(path: string): { readonly sizeBytes: number } | 'absent' | undefined {
    return this.#files.get(path) ?? (this.#absent.has(path) ? 'absent' : undefined)
  }

  /** {@inheritDoc KeptFiles.read} */
  async read(path: string, { onBytes, sha256 }: ReadHow = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { store, key } = this.#options
    const model = { key, generation: this.#generation, files: [...this.#files.values()] }
    try {
      const bytes = await store.readFile(model, path, onBytes)
      if (bytes !== undefined) {
        if (sha256 !== undefined) checkDigest(path, sha256, this.sha256Of(path) ?? (await sha256Hex(bytes)))
        return bytes
      }
    } catch (error) {
      if (!this.isOffline) await this.#restartAfter(error)
      throw error
    }
    throw new Error(`Cannot read ${path} as it was not looked up`)
  }

  /** {@inheritDoc KeptFiles.sinkOf} */
  sinkOf(path: string): DownloadWriter {
    const { key, name, store } = this.#options
    return new StoredDownloadWriter(
      this,
      store,
      { key, name, generation: this.#generation, path },
      this.#kept.get(path),
    )
  }

  /** {@inheritDoc KeptFiles.noteAbsent} */
  noteAbsent(path: string): void {
    if (this.isOffline || this.#absent.has(path)) return
    this.#absent.add(path)
    this.#isWritten = false
  }

  /** {@inheritDoc KeptFiles.sha256Of} */
  sha256Of(path: string): string | undefined {
    return this.#files.get(path)?.sha256 ?? this.#digests.get(path)
  }

  /** {@inheritDoc KeptFiles.noteSha256} */
  noteSha256(path: string, sha256: string): void {
    this.#digests.set(path, sha256)
    const file = this.#files.get(path)
    if (file === undefined || file.sha256 === sha256) return
    this.#files.set(path, { ...file, sha256 })
    this.#isWritten = false
  }

  /** Takes a file that is stored now. */
  add(file: StoredFile): void {
    this.#files.set(file.path, file)
    this.#added.add(file.path)
    this.#isWritten = false
  }

  /**
   * Compares the commit of an answer with that of the files before it.
   *
   * @param commit - The commit; `undefined` where the server does not tell.
   * @throws {EmbedderError} `integrity-mismatch` if it is another one.
   */
  checkCommit(commit: string | undefined): void {
    if (commit === undefined) return
    this.#commit ??= commit
    const isSame = commit === this.#commit
    const isFault = this.#isCommitKnown
    this.#isCommitKnown ||= isSame
    if (isSame) return
    const { name } = this.#options
    const reason = `the repository changed from commit ${this.#commit} to ${commit} while it was downloaded`
    this.#restart ??= { how: 'reload', reason: `The model ${name} was downloaded again as ${reason}`, isFault }
    throw new EmbedderError(
      'integrity-mismatch',
      `Cannot load ${name} as ${reason}\nLoad again, or name the commit as its revision`,
      { details: { before: this.#commit, now: commit } },
    )
  }

  /**
   * Writes to the store, and does what the caller chose where there is no room.
   *
   * @param work - Writes; it is tried again after something was deleted.
   * @returns Whether it is written; `false` where the load goes on without the store.
   * @throws {EmbedderError} `quota-exceeded` if that is to end the load.
   */
  async write(work: () => Promise<unknown>): Promise<boolean> {
    if (this.#isStoring && !(await this.#isAlone())) {
      this.#isStoring = false
      this.#problem ??= `The model ${this.#options.name} is stored, and a file that was added is not: another tab is writing the model`
    }
    while (this.#isStoring) {
      const writing = work()
      this.#writes.add(writing)
      try {
        await writing
        return true
      } catch (error) {
        if (!(await this.#makeRoom(error))) this.#stop(error)
      } finally {
        this.#writes.delete(writing)
      }
    }
    return false
  }

  /**
   * Makes all that was downloaded the model, or notes that it was used. It may be called again after more files were read.
   *
   * @returns When it is done.
   * @throws {EmbedderError} `quota-exceeded` if there is no room and that is to end the load.
   */
  async commit(): Promise<void> {
    const { store, key, name } = this.#options
    const isMinor = this.#found !== undefined && this.#added.size === 0
    if (this.#isWritten || (isMinor && !(await this.#isAlone()))) {
      // A model that is whole is of use on a full disk too.
      await store.touch(key).catch(() => undefined)
      return
    }
    if (this.#files.size === 0) return
    this.#isWritten = await this.write(() =>
      store.commitModel({
        key,
        name,
        generation: this.#generation,
        files: [...this.#files.values()],
        absentPaths: [...this.#absent],
        commit: this.#commit,
      }),
    )
  }

  /**
   * Ends it. What was downloaded before a connection broke waits for the next load; what is no use is deleted.
   *
   * @param error - What the load failed with, if it did.
   * @returns When it is done. Never rejects.
   */
  async close(error?: unknown): Promise<void> {
    const isUseless = !this.#isStoring || this.#restart !== undefined
    const isFaulty = FILE_FAULTS.some((code) => isEmbedderError(error, code))
    this.#isStoring = false
    await Promise.allSettled(this.#writes)
    // Who never had the right to write left nothing.
    const isReader = this.#options.beginWriting !== undefined && (await this.#mayWrite) !== true
    if (isReader || (!isUseless && !isFaulty)) return
    const { store, key } = this.#options
    const paths = (await store.listDownloads(key).catch(() => [])).filter(
      ({ generation }) => generation === this.#generation,
    )
    for (const { path } of paths) await store.discard(key, this.#generation, path).catch(() => undefined)
  }

  /** What is damaged is downloaded again; without a store the load goes on without it. */
  async #restartAfter(error: unknown): Promise<void> {
    if (this.#restart !== undefined) return
    const { store, key } = this.#options
    const message = error instanceof Error ? error.message.replace(/\n.*/s, '') : String(error)
    const reason = `The model ${this.#options.name} was read again: ${message}`
    if (isEmbedderError(error, 'store-unavailable')) this.#restart = { how: 'without-store', reason, isFault: false }
    if (!isEmbedderError(error, 'integrity-mismatch')) return
    this.#restart = { how: 'again', reason, isFault: false }
    // Not one that took its place meanwhile.
    const model = await store.find(key).catch(() => undefined)
    if (model?.generation !== this.#generation) return
    if (await this.#isAlone()) await store.deleteModel(key).catch(() => false)
    else this.#restart = { how: 'alone', reason, isFault: false }
  }

  /** Whether this load may write: it has the right to, and the model is still the one that it found. */
  #isAlone(): Promise<boolean> {
    this.#mayWrite ??= this.#beginWriting()
    return this.#mayWrite
  }

  async #beginWriting(): Promise<boolean> {
    const { beginWriting, store, key } = this.#options
    if (beginWriting === undefined) return true
    if (!(await beginWriting())) return false
    const model = await store.find(key).catch(() => undefined)
    return model?.generation === this.#generation && model.storedAt === this.#found?.storedAt
  }

  async #makeRoom(error: unknown): Promise<boolean> {
    if (!isEmbedderError(error, 'quota-exceeded') || this.#options.onQuota !== 'evict') return false
    return this.room.evictOne().catch(() => false)
  }

  #stop(error: unknown): void {
    this.#isStoring = false
    const isFull = isEmbedderError(error, 'quota-exceeded')
    if (!isFull && !isEmbedderError(error, 'store-unavailable')) throw error
    if (isFull && this.#options.onQuota !== 'memory') throw error
    this.#problem = `The model ${this.#options.name} is not stored: ${error.message.replaceAll('\n', '. ')}`
  }
}

interface Found {
  readonly model: StoredModel | undefined
  readonly generation: string
  readonly kept: readonly StoredDownload[]
}

function notStored({ key, name }: SessionOptions): EmbedderError {
  return new EmbedderError(
    'model-not-found',
    `Cannot load ${name} as it is not stored and cache.weights is 'only'\nLoad it once with the network, or import it with modelCache.import()`,
    { details: { key } },
  )
}

function checkDigest(path: string, expected: string, found: string): void {
  if (found === expected) return
  throw new EmbedderError(
    'integrity-mismatch',
    `Cannot load ${path} from the store as its SHA-256 must be ${expected}: current value is ${found}\nDelete the model with modelCache.delete(), and load it again`,
    { details: { path, expected, found } },
  )
}
