import { startWorker } from '@nestling/kit/worker/start-worker'
import { EmbedderError, isEmbedderError } from 'nestling'
import { PendingCalls } from '@nestling/kit/worker/pending-calls'
import type { OpenRequest, SearchHostApi } from '../wire/protocol.js'
import type { ResolvedIndexOptions } from './index-options.js'
import { SearchConnection } from './search-connection.js'
import { searchWorkerScript } from './spawn-worker.js'

/** Methods that change nothing: they are called once more where the worker ended meanwhile and another takes over. */
const REPEATABLE: ReadonlySet<keyof SearchHostApi> = new Set([
  'search',
  'state',
  'metadata',
  'known',
  'exportFile',
  'adopt',
  'ids',
  'read',
  'facets',
])

/** How long a worker may take to open the index, which reads one record of it. Beyond it the worker is ended. */
const START_MS = 60_000

/** Calls the host of an index, through workers that come and go: where the index is stored, another one takes over after a crash. */
export class HostLink {
  readonly #options: ResolvedIndexOptions
  readonly #waits = new PendingCalls()
  /** What the next worker opens the index with. */
  #request: OpenRequest
  #connection: Promise<SearchConnection> | undefined
  /** The one that has not opened the index yet. */
  #starting: SearchConnection | undefined
  #isLost = false
  #isAdopted = false
  #disposed: EmbedderError | undefined
  /** Dim of the index; `undefined` where it is not known. */
  dim: number | undefined

  /**
   * Prepares everything; nothing is started yet.
   *
   * @param options - What the index is made with.
   */
  constructor(options: ResolvedIndexOptions) {
    this.#options = options
    this.#request = options.request
  }

  /**
   * Waits until the index is open.
   *
   * @returns Its dim, where that is known.
   * @throws {EmbedderError} What opening throws.
   */
  async ready(): Promise<number | undefined> {
    await this.#connect()
    return this.dim
  }

  /**
   * Waits for something that may never come.
   *
   * @returns Settles as `promise` does, or rejects when the index is disposed of.
   */
  whileOpen<T>(promise: Promise<T>): Promise<T> {
    return this.#waits.track(promise)
  }

  /**
   * Tells the host what is known of the embedder by now.
   *
   * @throws {EmbedderError} What opening throws; the next call asks again.
   */
  async adopt(request: OpenRequest): Promise<void> {
    if (this.#isAdopted) return
    await this.call('adopt', request)
    this.#request = request
    this.#isAdopted = true
  }

  /**
   * Calls the host.
   *
   * @param name - The method.
   * @param args - Its arguments.
   * @returns What it answers.
   */
  async call<Name extends keyof SearchHostApi>(
    name: Name,
    ...args: Parameters<SearchHostApi[Name]>
  ): Promise<Awaited<ReturnType<SearchHostApi[Name]>>> {
    try {
      return await (await this.#connect()).call(name, ...args)
    } catch (error) {
      if (!isEmbedderError(error, 'worker-crashed') || !REPEATABLE.has(name) || this.#isLost) throw error
      return await (await this.#connect()).call(name, ...args)
    }
  }

  /**
   * Ends the worker; a second call does nothing.
   *
   * @returns When it has ended.
   */
  async dispose(): Promise<void> {
    if (this.#disposed !== undefined) return
    this.#disposed = disposedError()
    this.#waits.rejectAll(this.#disposed)
    // It has nothing to write yet, and may never answer.
    this.#starting?.close(this.#disposed)
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.closeWhenWritten(this.#disposed)
  }

  async #connect(): Promise<SearchConnection> {
    if (this.#disposed !== undefined) throw this.#disposed
    if (this.#isLost) {
      throw new EmbedderError(
        'worker-crashed',
        'Cannot use the index as its worker stopped and it was in memory alone\nMake another one with createIndex(); with the option store it would have survived',
      )
    }
    this.#connection ??= this.#start()
    return this.#connection
  }

  async #start(): Promise<SearchConnection> {
    const connection = await this.#startWorker(this.#options.worker)
    const limit = setTimeout(() => {
      connection.fail(`it did not open the index within ${START_MS / 1000} s`)
    }, START_MS)
    try {
      await connection.watch()
      this.dim = await connection.call('open', this.#request)
      return connection
    } catch (error) {
      this.#connection = undefined
      connection.close(error)
      throw error
    } finally {
      clearTimeout(limit)
      this.#starting = undefined
    }
  }

  async #startWorker(place: ResolvedIndexOptions['worker']): Promise<SearchConnection> {
    try {
      await startWorker(searchWorkerScript(place), (worker) => {
        this.#starting = new SearchConnection(worker, () => {
          this.#connection = undefined
          this.#isLost = this.#options.request.store === undefined
        })
        return this.#starting.hello()
      })
      return this.#starting as SearchConnection
    } catch (error) {
      this.#connection = undefined
      this.#starting?.close(error)
      this.#starting = undefined
      throw error
    }
  }
}

function disposedError(): EmbedderError {
  return new EmbedderError(
    'disposed',
    'Cannot use the index as it was disposed of: make another one with createIndex()',
  )
}
