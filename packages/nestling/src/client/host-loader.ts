import { EmbedderError } from '../wire/embedder-error.js'
import type { HostApi, HostEvent, LoadedModel, LoadRequest, SharedModel } from '../wire/protocol.js'
import type { ProgressEvent, ProgressListener } from '../wire/progress.js'
import { callListener } from '@nestling/kit/calls/call-listener'
import { HostConnection } from './host-connection.js'
import { isHostFailure, MAX_LOADS, type SilenceLimits } from './recovery.js'
import type { SharedWeights } from './shared-weights.js'
import { startWorker } from '@nestling/kit/worker/start-worker'
import type { Warnings } from './warnings.js'
import { Watchdog } from './watchdog.js'
import type { WorkerScript } from '@nestling/kit/worker/worker-script'

/** What a loader is made of. */
export interface HostLoaderOptions {
  /** What workers run. */
  readonly script: WorkerScript
  readonly request: LoadRequest
  readonly limits: SilenceLimits
  readonly onProgress: ProgressListener | undefined
  readonly warnings: Warnings
  /** What workers of the page share. */
  readonly shared: SharedWeights
  /** Finds out what a new host may share; what is known already when left out. */
  readonly findShared?: () => Promise<SharedModel | undefined>
}

/** Told of what happens on a host, also after it was loaded. */
export interface HostListener {
  readonly onEvent: (connection: HostConnection, event: HostEvent) => void
  readonly onCrash: (connection: HostConnection, error: EmbedderError) => void
}

/** Starts hosts and has them load the model: the first one, and each one that takes over. */
export class HostLoader {
  readonly #options: HostLoaderOptions
  readonly #history: string[] = []
  #request: LoadRequest
  #model: LoadedModel | undefined
  #loads = 0
  #isLowered = false
  #fraction = 0
  /** Ends the load that is under way. */
  #abort: ((reason: unknown) => void) | undefined
  #disposed: { readonly reason: unknown } | undefined

  /**
   * Prepares everything; nothing is started yet.
   *
   * @param options - How to start, what to load.
   */
  constructor(options: HostLoaderOptions) {
    this.#options = options
    this.#request = options.request
  }

  /** The model as the latest host loaded it. */
  get model(): LoadedModel {
    if (this.#model === undefined) throw new Error('Cannot tell of the model before it is loaded')
    return this.#model
  }

  /** Why the model runs where it runs. */
  get reasons(): readonly string[] {
    return [...this.#history, ...this.model.reasons]
  }

  /** Hosts after the first one that loaded. */
  get restarts(): number {
    return Math.max(0, this.#loads - 1)
  }

  /**
   * Loads the model on a new host; a host that fails is tried again, then one device lower. What other workers share is tried first.
   *
   * @param listener - Told of what happens on the host.
   * @returns The host.
   * @throws {EmbedderError} What the last try failed with.
   */
  async load(listener: HostListener): Promise<HostConnection> {
    const { shared, findShared } = this.#options
    let model = findShared === undefined ? shared.model : await findShared()
    for (let tries = 1; ; tries++) {
      if (this.#disposed !== undefined) throw this.#disposed.reason
      try {
        return await this.#loadOnce(listener, model)
      } catch (error) {
        if (model !== undefined && !isNeverStarted(error)) {
          shared.forget(model)
          model = undefined
          tries = 0
          continue
        }
        if (!isHostFailure(error) || isNeverStarted(error)) throw error
        if (tries >= MAX_LOADS && !this.lowerDevice(error)) throw error
      }
    }
  }

  /**
   * Chooses WASM for the hosts to come, where the caller left the choice to us and WebGPU was taken.
   *
   * @param error - Why.
   * @returns Whether there was a lower device.
   */
  lowerDevice(error: unknown): boolean {
    if (this.#isLowered || this.#options.request.device !== 'auto' || this.#model?.device === 'wasm') return false
    this.#isLowered = true
    this.#request = { ...this.#request, device: 'wasm' }
    const message = `The model runs on WASM as hosts on WebGPU failed: ${error instanceof Error ? error.message : String(error)}`
    this.#history.push(message)
    this.#options.warnings.raise('device-fallback', message)
    return true
  }

  /**
   * Ends the load that is under way, if there is one, and all that are to come.
   *
   * @param reason - What it rejects with.
   */
  dispose(reason: unknown): void {
    this.#disposed = { reason }
    this.#abort?.(reason)
  }

  async #loadOnce(listener: HostListener, shared: SharedModel | undefined): Promise<HostConnection> {
    const { limits, warnings } = this.#options
    const request = shared === undefined ? this.#request : { ...this.#request, shared }
    let isLoading = true
    const connection = await this.#connect((error) => {
      if (isLoading) connection.close(error)
      else listener.onCrash(connection, error)
    })
    const watchdog = new Watchdog(() => {
      connection.close(silent())
    })
    watchdog.watch(limits.downloadMs)
    const onEvent = (event: HostEvent): void => {
      if (event.kind === 'warning') {
        warnings.raise(event.warning.kind, event.warning.message)
        return
      }
      if (event.kind !== 'load') {
        listener.onEvent(connection, event)
        return
      }
      // Events have a port of their own: what was on its way when the load ended comes after its end.
      if (!isLoading) return
      watchdog.watch(isReading(event.progress) ? limits.downloadMs : limits.compileMs)
      this.#report(event.progress)
    }
    try {
      const model = await connection.call(loadOf(request, onEvent))
      // Not sent by the worker: events have a port of their own and may come after the result.
      this.#report({ phase: 'ready', fraction: 1 })
      this.#take(model)
      for (const { kind, message } of model.warnings) warnings.raise(kind, message)
      return connection
    } catch (error) {
      connection.close(error)
      throw error
    } finally {
      isLoading = false
      watchdog.stop()
      this.#abort = undefined
    }
  }

  /** Starts a worker that runs our script. */
  async #connect(onCrash: (error: EmbedderError) => void): Promise<HostConnection> {
    let connection: HostConnection | undefined
    try {
      await startWorker(this.#options.script, (worker) => {
        const started = new HostConnection(worker, onCrash)
        connection = started
        this.#abort = (reason) => {
          started.close(reason)
        }
        return started.hello()
      })
    } catch (error) {
      this.#abort = undefined
      connection?.close(error)
      throw error
    }
    const started = connection as unknown as HostConnection
    started.watch()
    return started
  }

  #take(model: LoadedModel): void {
    const before = this.#model
    if (before !== undefined && before.spaceId !== model.spaceId) {
      throw new EmbedderError(
        'integrity-mismatch',
        'Cannot go on as the files of the model have changed since it was loaded\nLoad it again; vectors from before cannot be compared with those of now',
        { details: { before: before.spaceId, now: model.spaceId } },
      )
    }
    this.#model = model
    this.#loads++
    // Where the dtype was chosen by device, another one would be another space.
    if (model.engine === 'transformers') this.#request = { ...this.#request, dtype: model.dtype }
    // What the first host downloaded is what the next ones want.
    const { cache } = this.#request
    if (cache.weights === 'reload') this.#request = { ...this.#request, cache: { ...cache, weights: 'auto' } }
  }

  /** Only until the first load is done; its fraction does not fall when it is tried again. */
  #report(progress: Parameters<ProgressListener>[0]): void {
    if (this.#loads > 0 || this.#disposed !== undefined) return
    this.#fraction = Math.max(this.#fraction, progress.fraction)
    callListener(this.#options.onProgress, { ...progress, fraction: this.#fraction })
  }
}

/** Outside of the method: its closures live as long as the port of the events, and would hold the weights that the request names. */
function loadOf(request: LoadRequest, onEvent: (event: HostEvent) => void): (host: HostApi) => Promise<LoadedModel> {
  return (host) => host.load(request, onEvent)
}

function isReading({ phase }: ProgressEvent): boolean {
  return phase === 'wait' || phase === 'download'
}

/** A script that cannot be loaded, or fails at once, does so again. */
function isNeverStarted(error: unknown): boolean {
  return error instanceof EmbedderError && error.details['isStarted'] === false
}

function silent(): EmbedderError {
  return new EmbedderError(
    'worker-unresponsive',
    "Cannot load the model as the worker showed no sign of life for too long\nLoad again; with device: 'wasm' no driver can hang",
  )
}
