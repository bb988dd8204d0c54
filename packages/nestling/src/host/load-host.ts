import { startWorker } from '@nestling/kit/worker/start-worker'
import type { WorkerScript } from '@nestling/kit/worker/worker-script'
import { EmbedderError } from '../wire/embedder-error.js'
import type { ProgressEvent } from '../wire/progress.js'
import type { HostApi, HostEvent, LoadedModel, LoadRequest } from '../wire/protocol.js'
import { Connection } from './connection.js'
import type { SilenceLimits } from './limits.js'
import { Watchdog } from './watchdog.js'

/** What a host tells beside the progress of its load. */
export type LaterEvent = Exclude<HostEvent, { readonly kind: 'load' }>

/** What a host is started with, and who is told of it. */
export interface HostStart {
  readonly script: WorkerScript
  readonly limits: SilenceLimits
  /** Told of the connection as soon as it can be closed. */
  readonly onOpen: (connection: Connection) => void
  readonly onProgress: (progress: ProgressEvent) => void
  /** Told of all other events, also once the model is loaded. */
  readonly onEvent: (connection: Connection, event: LaterEvent) => void
  readonly onCrash: (connection: Connection, error: EmbedderError) => void
}

/** A host that has loaded a model. */
export interface LoadedHost {
  readonly connection: Connection
  readonly model: LoadedModel
}

/** Starts a worker and has it load a model, once. What crashes or is silent for too long is ended. */
export async function loadHost(request: LoadRequest, start: HostStart): Promise<LoadedHost> {
  const { limits, onProgress, onEvent, onCrash } = start
  const connection = await connect(start)
  let isLoading = true
  connection.watch((error) => {
    // Ends the load, if it is under way.
    connection.close(error)
    onCrash(connection, error)
  })
  const watchdog = new Watchdog(() => {
    connection.close(silent())
  })
  watchdog.watch(limits.downloadMs)
  const listen = (event: HostEvent): void => {
    if (event.kind !== 'load') {
      onEvent(connection, event)
      return
    }
    // Events have a port of their own: what was on its way when the load ended comes after its end.
    if (!isLoading) return
    watchdog.watch(isReading(event.progress) ? limits.downloadMs : limits.compileMs)
    onProgress(event.progress)
  }
  try {
    return { connection, model: await connection.call(loadOf(request, listen)) }
  } catch (error) {
    connection.close(error)
    throw error
  } finally {
    isLoading = false
    watchdog.stop()
  }
}

async function connect({ script, onOpen }: HostStart): Promise<Connection> {
  let connection: Connection | undefined
  try {
    await startWorker(script, (worker) => {
      const started = new Connection(worker)
      connection = started
      onOpen(started)
      return started.hello()
    })
  } catch (error) {
    connection?.close(error)
    throw error
  }
  return connection as unknown as Connection
}

/** Outside of the function: its closures live as long as the port of the events, and would hold the weights that the request names. */
function loadOf(request: LoadRequest, onEvent: (event: HostEvent) => void): (host: HostApi) => Promise<LoadedModel> {
  return (host) => host.load(request, onEvent)
}

function isReading({ phase }: ProgressEvent): boolean {
  return phase === 'wait' || phase === 'download'
}

function silent(): EmbedderError {
  return new EmbedderError(
    'worker-unresponsive',
    "Cannot load the model as the worker showed no sign of life for too long\nLoad again; with device: 'wasm' no driver can hang",
  )
}
