import { EmbedderError } from '../wire/embedder-error.js'
import type { HostEvent, LoadedModel } from '../wire/protocol.js'
import type { HostConnection } from './host-connection.js'
import { HostLoader, type HostLoaderOptions } from './host-loader.js'
import { isHostFailure, MAX_ATTEMPTS, MAX_FAILURES, REPLACED, SLICE_FACTOR } from './recovery.js'
import { Watchdog } from './watchdog.js'
import { SharedWeights } from './shared-weights.js'
import type { Work } from './work.js'

/** What a supervisor is made of. */
export interface SupervisorOptions extends Omit<HostLoaderOptions, 'shared'> {
  /** What workers of the page share; nothing yet when left out. */
  readonly shared?: SharedWeights
  /** Without work for this long the model is unloaded; the next call loads it again. */
  readonly idleTimeoutMs: number | undefined
  /** Hosts that may fail at a work before it leaves; {@link MAX_ATTEMPTS} when left out. */
  readonly maxAttempts?: number
}

/**
 * Keeps a model at work. A host that crashes, hangs, loses its device or fails a run is replaced, and what was not done is sent to
 * the new one: bounded retries, then one device lower, then a typed error. It never gives up for good: the next call starts anew.
 */
export class WorkerSupervisor {
  /** What its workers share with others. */
  readonly shared: SharedWeights
  readonly #options: SupervisorOptions
  readonly #loader: HostLoader
  readonly #works = new Set<Work>()
  readonly #watchdog: Watchdog
  #connection: HostConnection | undefined
  #starting: Promise<void> | undefined
  #disposed: { readonly reason: unknown } | undefined
  /** Works that the host is at, where it is at them alone. */
  #running: readonly Work[] = []
  /** Until when the slice that runs may take, where it was announced. */
  #sliceEndMs = 0
  /** Hosts in a row that failed without a row done. */
  #failures = 0
  #idleTimer: ReturnType<typeof setTimeout> | undefined

  /**
   * Prepares everything; nothing is started yet.
   *
   * @param options - How to start hosts, and what they load.
   */
  constructor(options: SupervisorOptions) {
    this.shared = options.shared ?? new SharedWeights()
    this.#options = { ...options, shared: this.shared }
    this.#loader = new HostLoader({ ...options, shared: this.shared })
    this.#watchdog = new Watchdog(() => {
      this.#replace(unresponsive(options.limits.runMs), this.#suspects())
    })
  }

  /** The model as the latest host loaded it. */
  get model(): LoadedModel {
    return this.#loader.model
  }

  /** Why the model runs where it runs. */
  get reasons(): readonly string[] {
    return this.#loader.reasons
  }

  /** Hosts that had to be replaced. */
  get restarts(): number {
    return this.#loader.restarts
  }

  /** Works that have not settled. */
  get size(): number {
    return this.#works.size
  }

  /** Whether a host with the model is there. */
  get isLoaded(): boolean {
    return this.#connection !== undefined
  }

  /**
   * Prepares to keep another host at work beside this one's.
   *
   * @param change - Changes what this one is made of.
   * @returns The other one; nothing is started yet.
   */
  another(change: (options: SupervisorOptions) => SupervisorOptions): WorkerSupervisor {
    return new WorkerSupervisor(change(this.#options))
  }

  /**
   * Loads the model, unless that is done or under way.
   *
   * @returns When it is ready.
   * @throws {EmbedderError} What loading throws.
   */
  load(): Promise<void> {
    this.#starting ??= this.#load().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /**
   * Starts work as soon as a host is there, and again whenever another takes over.
   *
   * @param work - The work; whoever added it takes it away when it has settled.
   */
  add(work: Work): void {
    if (this.#disposed !== undefined) {
      work.fail(this.#disposed.reason)
      return
    }
    clearTimeout(this.#idleTimer)
    this.#works.add(work)
    if (this.#connection === undefined) {
      this.#loadForWorks()
    } else {
      // What runs now keeps its time; work that is new must not prolong it.
      if (this.#works.size === 1) this.#watch()
      work.start(this.#connection)
    }
  }

  /**
   * Forgets work that has settled, and ends what a host still does for it.
   *
   * @param work - The work.
   * @param isAnswer - Whether the host settled it, and so lives. An abort says nothing of that.
   */
  remove(work: Work, isAnswer: boolean): void {
    if (!this.#works.delete(work)) return
    if (isAnswer) this.#failures = 0
    const ids = [...(work.requests?.ids ?? [])]
    if (ids.length > 0) this.#connection?.cancel(ids)
    if (this.#works.size > 0) {
      if (isAnswer && this.#connection !== undefined) this.#watch()
      return
    }
    this.#watchdog.stop()
    this.#waitForIdle()
  }

  /**
   * Ends everything. A second call does nothing.
   *
   * @param reason - What all work, now and later, fails with; it does so at once.
   * @returns When the host has ended.
   */
  async dispose(reason: unknown): Promise<void> {
    if (this.#disposed !== undefined) return
    this.#disposed = { reason }
    clearTimeout(this.#idleTimer)
    this.#loader.dispose(reason)
    this.shared.leave(this)
    const closing = this.#closeWhenWritten()
    this.#failAll(reason)
    await closing
  }

  async #load(): Promise<void> {
    if (this.#disposed !== undefined) throw this.#disposed.reason
    if (this.#connection !== undefined) return
    const connection = await this.#loader.load({
      onEvent: (from, event) => {
        if (from === this.#connection) this.#onEvent(event)
      },
      onCrash: (from, error) => {
        if (from === this.#connection) this.#replace(error, this.#suspects())
      },
    })
    this.#connection = connection
    this.shared.join(this)
    // In the very moment in which the load ended.
    if (this.#isDisposed) {
      this.shared.leave(this)
      this.#close()
    } else if (this.#works.size === 0) this.#waitForIdle()
    else this.#watch()
    for (const work of [...this.#works]) work.start(connection)
  }

  #loadForWorks(): void {
    this.load().catch((error: unknown) => {
      for (const work of [...this.#works]) work.leave(error)
    })
  }

  #onEvent(event: HostEvent): void {
    const isSlice = event.kind === 'slice'
    this.#running = isSlice ? event.ids.flatMap((id) => this.#callOf(id) ?? []) : []
    this.#sliceEndMs = isSlice ? performance.now() + SLICE_FACTOR * event.predictedMs : 0
    if (this.#works.size > 0) this.#watch()
    switch (event.kind) {
      case 'rows':
        this.#failures = 0
        for (const rows of event.rows) this.#callOf(rows.id)?.requests?.takeRows(rows)
        return
      case 'failed':
        this.#onFailed(event.error, this.#callOf(event.id))
        return
      case 'too-long':
        this.#callOf(event.id)?.requests?.failTooLong(event.id, event.index, event.tokenCount)
        return
      default:
    }
  }

  /** Bears silence from now on as long as the slice that runs may take, and no less than the usual time. */
  #watch(): void {
    this.#watchdog.watch(Math.max(this.#options.limits.runMs, this.#sliceEndMs - performance.now()))
  }

  #onFailed(error: unknown, call: Work | undefined): void {
    if (call === undefined) return
    if (isHostFailure(error)) this.#replace(error, [call])
    else call.fail(error)
  }

  #callOf(id: number): Work | undefined {
    for (const work of this.#works) {
      if (work.requests?.has(id) === true) return work
    }
    return undefined
  }

  /** Whose fault it may be that the host failed. */
  #suspects(): readonly Work[] {
    return this.#running.length > 0 ? this.#running : [...this.#works]
  }

  #replace(error: unknown, suspects: readonly Work[]): void {
    this.#close()
    this.#failures++
    for (const work of this.#works) {
      work.isIsolated = true
      work.stop?.()
    }
    for (const work of suspects) work.attempts++
    const { maxAttempts = MAX_ATTEMPTS } = this.#options
    const hopeless = suspects.filter(({ attempts }) => attempts >= maxAttempts)
    const isHopeless = this.#failures >= MAX_FAILURES
    if ((hopeless.length > 0 || isHopeless) && this.#loader.lowerDevice(error)) {
      this.#failures = 0
      for (const work of hopeless) work.attempts = maxAttempts - 1
    } else {
      for (const work of isHopeless ? [...this.#works] : hopeless) work.leave(error)
    }
    if (this.#works.size > 0) this.#loadForWorks()
  }

  get #isDisposed(): boolean {
    return this.#disposed !== undefined
  }

  /** Ends the host, if there is one. */
  #close(): void {
    this.#watchdog.stop()
    this.#connection?.close(REPLACED)
    this.#connection = undefined
    this.#running = []
    this.#sliceEndMs = 0
  }

  /** Ends a host that works, where it may have something to write. */
  async #closeWhenWritten(): Promise<void> {
    const connection = this.#options.request.cache.embeddings === undefined ? undefined : this.#connection
    if (connection !== undefined) this.#connection = undefined
    this.#close()
    await connection?.closeWhenWritten(REPLACED)
  }

  #failAll(error: unknown): void {
    for (const work of [...this.#works]) work.fail(error)
  }

  #waitForIdle(): void {
    const { idleTimeoutMs } = this.#options
    if (idleTimeoutMs === undefined || this.#disposed !== undefined) return
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => {
      this.shared.leave(this)
      void this.#closeWhenWritten()
    }, idleTimeoutMs)
  }
}

function unresponsive(limitMs: number): EmbedderError {
  return new EmbedderError(
    'worker-unresponsive',
    `Cannot go on as the worker did not answer for more than ${Math.round(limitMs / 1000)} s\nCall again: another worker takes over. With device: 'wasm' no driver can hang`,
    { details: { limitMs } },
  )
}
