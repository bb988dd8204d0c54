import { DownloadProgress } from '../model/download/download-progress.js'
import { ModelFolder, type FolderOptions } from '../model/model-folder.js'
import { modelKeyOf } from '../model/model-key.js'
import { ModelSession } from '../store/models/model-session.js'
import { takeTurn, tryTurn, type ModelTurn } from '../store/models/model-turn.js'
import type { OpenedStorage } from '../store/records/opened-storage.js'
import { openStorage } from '../store/records/open-storage.js'
import { estimateStorage } from '../store/models/storage-room.js'
import { ModelStore } from '../store/models/model-store.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { CacheReport } from '../wire/load-report.js'
import type { LoadRequest } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'
import type { LoadProgress } from './load-progress.js'

/** Times that a load begins again because what an earlier one left, or the server, was found to be wrong. */
const MAX_RESTARTS = 2

/** Times that a model is read anew because another tab put a newer one in its place meanwhile; then that tab is waited for. */
const MAX_REPLACED = 2

/** The files of a model while they are read. */
export interface ModelReading {
  readonly folder: ModelFolder
  /** Whether what is read is stored; all that will be wanted has to be read before the work ends then. */
  readonly isStored: boolean
  /** Makes what was downloaded so far the stored model. Without it that is done at the end. */
  readonly commit: () => Promise<void>
}

/** What came of reading. */
export interface FilesHistory {
  readonly cache: CacheReport
  readonly warnings: readonly EmbedderWarning[]
}

/** How to read. */
export interface ModelFilesOptions extends Pick<FolderOptions, 'isExpected'> {
  readonly request: LoadRequest
  readonly progress: LoadProgress
  /** Opens the records of this origin; tests make one that fails. */
  readonly open?: () => Promise<OpenedStorage>
  /** Bytes of a chunk; tests have small ones. */
  readonly chunkBytes?: number
}

/**
 * Reads a model, from the store where it is there, and stores it where it is not. A model that is stored whole is read whatever other tabs
 * do; of several that want one that is not, one downloads it and the others wait.
 *
 * @param work - Reads it; called again if what was read turns out to be no use.
 * @returns What the work gave, and how the files came.
 * @throws {EmbedderError} What the work throws; `model-not-found` if nothing but the store may be asked and the model is not in it,
 * `quota-exceeded` if there is no room for it and that is to end the load.
 */
export async function withModelFiles<T>(
  options: ModelFilesOptions,
  work: (files: ModelReading) => Promise<T>,
): Promise<T & FilesHistory> {
  const { model, cache } = options.request
  const key = await modelKeyOf(model)
  if (cache.weights === 'off' || key === undefined) {
    const result = await new Reader(options, undefined).read(work)
    const weights = key === undefined ? 'local' : 'not-stored'
    return { ...result, cache: await reportOf({ storage: 'off', reason: undefined, weights }), warnings: [] }
  }
  const { storage, reason } = await (options.open ?? openStorage)()
  try {
    const store = storage.kind !== 'memory' ? { key, store: new ModelStore(storage, options.chunkBytes) } : undefined
    if (store === undefined && cache.weights === 'only') throw noStore(model.name, reason)
    const reader = new Reader(options, store)
    if (reason !== undefined) reader.problems.push(`The model ${model.name} is not stored: ${reason}`)
    try {
      const result = await reader.read(work)
      const isStored = reader.outcome !== 'not-stored'
      const why = isStored ? undefined : reader.problems.at(-1)
      const report = { storage: storage.kind, reason: why, weights: reader.outcome }
      const warnings = reader.problems.map((message) => ({ kind: 'cache-unavailable' as const, message }))
      return { ...result, cache: await reportOf(report), warnings }
    } finally {
      reader.end()
    }
  } finally {
    storage.close()
  }
}

/** Reads once or again, with the right to write where that is needed. */
class Reader {
  readonly problems: string[] = []
  outcome: CacheReport['weights'] = 'not-stored'
  readonly #options: ModelFilesOptions
  readonly #bytes: DownloadProgress
  #store: { readonly key: string; readonly store: ModelStore } | undefined
  #turn: ModelTurn | undefined
  /** Whether what is stored is no use without the right to write. */
  #needsTurn = false

  constructor(options: ModelFilesOptions, store: { readonly key: string; readonly store: ModelStore } | undefined) {
    this.#options = options
    this.#store = store
    this.#bytes = new DownloadProgress((totals) => {
      options.progress.download(totals)
      this.#turn?.tell(totals)
    })
  }

  async read<T>(work: (files: ModelReading) => Promise<T>): Promise<T> {
    let { weights } = this.#options.request.cache
    let faults = 0
    let replaced = 0
    for (let tries = 0; ;) {
      const session = await this.#open(weights)
      const folder = this.#folder(session)
      try {
        const result = await work({
          folder,
          isStored: session !== undefined,
          commit: async () => session?.commit(),
        })
        await session?.commit()
        await this.#close(session)
        return result
      } catch (error) {
        await this.#close(session, error)
        const restart = session?.restart
        if (restart?.isFault === true) faults++
        if (restart === undefined || tries >= MAX_RESTARTS || faults > 1) throw folder.withUrl(error)
        if (restart.how === 'without-store') this.#store = undefined
        if (restart.how === 'reload') weights = 'reload'
        if (this.#turn === undefined && (restart.how === 'again' || restart.how === 'alone')) {
          // Nothing to tell of yet: with the right to write it is read again, and what is wrong is seen again.
          this.#needsTurn = restart.how === 'alone' || ++replaced > MAX_REPLACED
          continue
        }
        this.problems.push(restart.reason)
        tries++
      }
    }
  }

  /** Lets other tabs write. */
  end(): void {
    this.#turn?.end()
  }

  async #open(weights: LoadRequest['cache']['weights']): Promise<ModelSession | undefined> {
    if (this.#store === undefined || weights === 'off') return undefined
    const { model, cache } = this.#options.request
    const options = { ...this.#store, name: model.name, weights, onQuota: cache.onQuota }
    try {
      if (this.#turn === undefined && !this.#needsTurn && weights !== 'reload') {
        const beginWriting = (): Promise<boolean> => this.#beginWriting()
        const session = await ModelSession.openWhole({ ...options, beginWriting })
        if (session !== undefined) return session
      }
      if (await this.#takeTurn()) return await ModelSession.open(options)
      if (weights === 'only') throw noStore(model.name, SILENT)
      this.problems.push(`The model ${model.name} is not stored: ${SILENT}`)
    } catch (error) {
      if (!(error instanceof EmbedderError) || error.code !== 'store-unavailable' || weights === 'only') throw error
      this.problems.push(`The model ${model.name} is not stored: ${error.message}`)
    }
    this.#store = undefined
    return undefined
  }

  /** Waits for the right to write; `false` where its owner went silent. */
  async #takeTurn(): Promise<boolean> {
    const { key } = this.#store ?? { key: '' }
    const { progress } = this.#options
    this.#turn ??= await takeTurn(key, {
      onWait: (totals) => {
        if (totals === undefined) progress.wait()
        else progress.download(totals)
      },
    })
    return this.#turn !== undefined
  }

  async #beginWriting(): Promise<boolean> {
    this.#turn ??= await tryTurn(this.#store?.key ?? '')
    return this.#turn !== undefined
  }

  #folder(session: ModelSession | undefined): ModelFolder {
    const { request, isExpected } = this.#options
    return new ModelFolder(request.model, this.#bytes, { isExpected, store: session })
  }

  async #close(session: ModelSession | undefined, error?: unknown): Promise<void> {
    await session?.close(error)
    if (session === undefined) return
    this.outcome = session.outcome
    if (session.problem !== undefined) this.problems.push(session.problem)
  }
}

/** Why a load does without the store. */
const SILENT = 'another tab has had the right to write it for too long, and does not answer'

async function reportOf(report: Pick<CacheReport, 'storage' | 'reason' | 'weights'>): Promise<CacheReport> {
  return { ...report, isPersisted: undefined, ...(await estimateStorage()) }
}

function noStore(name: string, reason: string | undefined): EmbedderError {
  return new EmbedderError(
    'model-not-found',
    `Cannot load ${name} as it is not stored and cache.weights is 'only': ${reason ?? 'there is no storage'}`,
  )
}
