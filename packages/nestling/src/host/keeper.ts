import { callListener } from '@nestling/kit/calls/call-listener'
import { idleTimer } from '@nestling/kit/calls/idle-timer'
import type { WorkerScript } from '@nestling/kit/worker/worker-script'
import { EmbedderError } from '../wire/embedder-error.js'
import type { ProgressEvent, ProgressListener } from '../wire/progress.js'
import type { EncodeRequest, HostApi, LoadedModel, LoadRequest, SharedModel } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'
import type { Connection } from './connection.js'
import type { HostAnswer, HostNews, KeptHost } from './kept-host.js'
import { isHostFailure, isNeverStarted, MAX_LOADS, SLICE_FACTOR, type SilenceLimits } from './limits.js'
import { loadHost, type HostStart } from './load-host.js'
import { ModelShare } from './model-share.js'
import { Watchdog } from './watchdog.js'

/** What calls of a host reject with that was ended; whoever made them knows by then. */
const ENDED: unknown = Symbol('ended')

/** What a keeper is made of. */
export interface HostKeeperOptions {
  /** What workers run. */
  readonly script: WorkerScript
  readonly request: LoadRequest
  readonly limits: SilenceLimits
  /** Without requests for this long the model is unloaded; the next start loads it again. */
  readonly idleTimeoutMs: number | undefined
  readonly onProgress: ProgressListener | undefined
  readonly onWarning: (kind: EmbedderWarning['kind'], message: string) => void
  /** What workers of the page share; nothing yet when left out. */
  readonly shared?: ModelShare
  /** Finds out what a new host may share; what is known already when left out. */
  readonly findShared?: () => Promise<SharedModel | undefined>
}

/**
 * Keeps one host alive: starts it, has it load the model, watches it while it has requests, and ends it when it has had none for long. One
 * that is lost is started again when it is needed.
 */
export class HostKeeper implements KeptHost {
  readonly shared: ModelShare
  readonly #options: HostKeeperOptions
  /** What is not answered yet: texts left of each request, by its id, and calls. */
  readonly #asked = new Map<number | symbol, number>()
  readonly #watchdog: Watchdog
  #onNews: (news: HostNews) => void = () => undefined
  #model: LoadedModel | undefined
  #loads = 0
  /** Why it goes to WASM, where it does although WebGPU was taken. */
  #lowered: string | undefined
  #fraction = 0
  #starting: Promise<void> | undefined
  /** The connection that is being opened. */
  #opening: Connection | undefined
  #connection: Connection | undefined
  /** Until when the slice that runs may take, where it was announced. */
  #sliceEndMs = 0
  #idleTimer: ReturnType<typeof setTimeout> | undefined
  #disposed: { readonly reason: unknown } | undefined

  /** Prepares everything; nothing is started yet. */
  constructor(options: HostKeeperOptions) {
    this.#options = options
    this.shared = options.shared ?? new ModelShare()
    this.#watchdog = new Watchdog(() => {
      this.#lose(unresponsive(options.limits.runMs))
    })
  }

  get model(): LoadedModel {
    if (this.#model === undefined) throw new Error('Cannot tell of the model before it is loaded')
    return this.#model
  }

  /** Why the model runs where it runs. */
  get reasons(): readonly string[] {
    return [...(this.#lowered === undefined ? [] : [this.#lowered]), ...this.model.reasons]
  }

  get restarts(): number {
    return Math.max(0, this.#loads - 1)
  }

  get size(): number {
    return this.#asked.size
  }

  get isReady(): boolean {
    return this.#connection !== undefined
  }

  /** Prepares to keep another host beside this one, made of the same but for what is changed. */
  another(change: (options: HostKeeperOptions) => HostKeeperOptions): HostKeeper {
    return new HostKeeper({ ...change(this.#options), shared: this.shared })
  }

  listen(onNews: (news: HostNews) => void): void {
    this.#onNews = onNews
  }

  start(): void {
    // What it rejects with, the news tell.
    this.load().catch(() => undefined)
  }

  /** Loads the model, unless that is done or under way; rejects with what loading throws. */
  load(): Promise<void> {
    if (this.#disposed !== undefined) return Promise.reject(this.#disposed.reason)
    if (this.#connection !== undefined) return Promise.resolve()
    clearTimeout(this.#idleTimer)
    this.#starting ??= this.#load()
    return this.#starting
  }

  stop(): void {
    this.#detach()?.close(ENDED)
    this.#waitForIdle()
  }

  lowerDevice(error: unknown): boolean {
    const { request, onWarning } = this.#options
    if (this.#lowered !== undefined || request.device !== 'auto' || this.#model?.device === 'wasm') return false
    this.#lowered = `The model runs on WASM as hosts on WebGPU failed: ${error instanceof Error ? error.message : String(error)}`
    onWarning('device-fallback', this.#lowered)
    return true
  }

  encode(request: EncodeRequest): Promise<void> {
    return this.#ask(request.id, request.texts.length, (connection) => connection.encode(request))
  }

  call<T>(run: (host: HostApi) => Promise<T>): Promise<T> {
    return this.#ask(Symbol('call'), 0, (connection) => connection.call(run))
  }

  cancel(ids: readonly number[]): void {
    for (const id of ids) this.#asked.delete(id)
    this.#connection?.cancel(ids)
    // What is left keeps its time: a cancel is no sign of life.
    if (this.#asked.size === 0) this.#attend()
  }

  async dispose(reason: unknown): Promise<void> {
    if (this.#disposed !== undefined) return
    this.#disposed = { reason }
    clearTimeout(this.#idleTimer)
    this.#opening?.close(reason)
    await this.#unload()
  }

  async #load(): Promise<void> {
    try {
      this.#connection = await this.#loadOften()
    } catch (error) {
      // Before anyone hears of it, who may want to start at once.
      this.#starting = undefined
      this.#waitForIdle()
      this.#onNews({ kind: 'unloadable', error })
      throw error
    }
    this.#starting = undefined
    this.shared.join(this)
    this.#waitForIdle()
    // In the very moment in which the load ended.
    if (this.#isDisposed) void this.#unload()
    else this.#onNews({ kind: 'ready' })
  }

  /** A host that fails is tried again, then one device lower. What other workers share is tried first. */
  async #loadOften(): Promise<Connection> {
    const { findShared } = this.#options
    let shared = findShared === undefined ? this.shared.model : await findShared()
    for (let tries = 1; ; tries++) {
      if (this.#disposed !== undefined) throw this.#disposed.reason
      try {
        const { connection, model } = await loadHost(this.#requestFor(shared), this.#listener())
        this.#take(connection, model)
        return connection
      } catch (error) {
        if (isNeverStarted(error)) throw error
        if (shared !== undefined) {
          this.shared.forget(shared)
          shared = undefined
          tries = 0
        } else if (!isHostFailure(error) || (tries >= MAX_LOADS && !this.lowerDevice(error))) throw error
      } finally {
        this.#opening = undefined
      }
    }
  }

  /** What is asked of the next host. */
  #requestFor(shared: SharedModel | undefined): LoadRequest {
    const { request } = this.#options
    const device = this.#lowered === undefined ? request.device : 'wasm'
    const before = this.#model
    if (before === undefined) return { ...request, device, shared }
    // Where the dtype was chosen by device, another one would be another space.
    const dtype = before.engine === 'transformers' ? before.dtype : request.dtype
    // What the first host downloaded is what the next ones want.
    const weights = request.cache.weights === 'reload' ? 'auto' : request.cache.weights
    return { ...request, device, dtype, shared, cache: { ...request.cache, weights } }
  }

  #take(connection: Connection, model: LoadedModel): void {
    // Not sent by the worker: events have a port of their own and may come after the result.
    this.#report({ phase: 'ready', fraction: 1 })
    const before = this.#model
    if (before !== undefined && before.spaceId !== model.spaceId) {
      const error = changed(before.spaceId, model.spaceId)
      connection.close(error)
      throw error
    }
    this.#model = model
    this.#loads++
    for (const { kind, message } of model.warnings) this.#options.onWarning(kind, message)
  }

  /** Only until the first load is done; its fraction does not fall when it is tried again. */
  #report(progress: ProgressEvent): void {
    if (this.#loads > 0 || this.#isDisposed) return
    this.#fraction = Math.max(this.#fraction, progress.fraction)
    callListener(this.#options.onProgress, { ...progress, fraction: this.#fraction })
  }

  #listener(): HostStart {
    const { script, limits, onWarning } = this.#options
    return {
      script,
      limits,
      onOpen: (connection) => {
        this.#opening = connection
      },
      onProgress: (progress) => {
        this.#report(progress)
      },
      onEvent: (connection, event) => {
        if (event.kind === 'warning') onWarning(event.warning.kind, event.warning.message)
        else if (connection === this.#connection) this.#onAnswer(event)
      },
      onCrash: (connection, error) => {
        if (connection === this.#connection) this.#lose(error)
      },
    }
  }

  async #ask<T>(key: number | symbol, texts: number, send: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.#connection
    if (connection === undefined) throw ENDED
    const isFirst = this.#asked.size === 0
    this.#asked.set(key, texts)
    // What runs keeps its time; a request that is new must not prolong it.
    if (isFirst) this.#attend()
    let isTaken = false
    try {
      const answer = await send(connection)
      isTaken = texts > 0
      return answer
    } finally {
      // Those of a host that was ended are forgotten.
      if (!isTaken && this.#asked.delete(key)) this.#attend()
    }
  }

  #onAnswer(event: HostAnswer): void {
    const connection = this.#connection
    this.#sliceEndMs = event.kind === 'slice' ? performance.now() + SLICE_FACTOR * event.predictedMs : 0
    if (event.kind === 'rows') for (const { id, indices } of event.rows) this.#count(id, indices.length)
    else if (event.kind !== 'slice') this.#asked.delete(event.id)
    this.#onNews(event)
    if (connection === this.#connection) this.#attend()
  }

  #count(id: number, rows: number): void {
    const left = (this.#asked.get(id) ?? 0) - rows
    if (left > 0) this.#asked.set(id, left)
    else this.#asked.delete(id)
  }

  #lose(error: unknown): void {
    this.stop()
    this.#onNews({ kind: 'lost', error })
  }

  get #isDisposed(): boolean {
    return this.#disposed !== undefined
  }

  /** From now on: bears silence as long as the slice that runs may take, and no less than the usual time; or waits for requests. */
  #attend(): void {
    clearTimeout(this.#idleTimer)
    const silenceMs = Math.max(this.#options.limits.runMs, this.#sliceEndMs - performance.now())
    if (this.#asked.size > 0) this.#watchdog.watch(silenceMs)
    else this.#waitForIdle()
  }

  #waitForIdle(): void {
    this.#watchdog.stop()
    clearTimeout(this.#idleTimer)
    const { idleTimeoutMs } = this.#options
    if (idleTimeoutMs === undefined || this.#isDisposed) return
    this.#idleTimer = idleTimer(() => void this.#unload(), idleTimeoutMs)
  }

  /** Ends a host that works, which may have something to write. */
  async #unload(): Promise<void> {
    this.shared.leave(this)
    const connection = this.#detach()
    if (this.#options.request.cache.embeddings === undefined) connection?.close(ENDED)
    else await connection?.closeWhenWritten(ENDED)
  }

  #detach(): Connection | undefined {
    const connection = this.#connection
    this.#connection = undefined
    this.#watchdog.stop()
    this.#asked.clear()
    this.#sliceEndMs = 0
    return connection
  }
}

function changed(before: string, now: string): EmbedderError {
  return new EmbedderError(
    'integrity-mismatch',
    'Cannot go on as the files of the model have changed since it was loaded\nLoad it again; vectors from before cannot be compared with those of now',
    { details: { before, now } },
  )
}

function unresponsive(limitMs: number): EmbedderError {
  return new EmbedderError(
    'worker-unresponsive',
    `Cannot go on as the worker did not answer for more than ${Math.round(limitMs / 1000)} s\nCall again: another worker takes over. With device: 'wasm' no driver can hang`,
    { details: { limitMs } },
  )
}
