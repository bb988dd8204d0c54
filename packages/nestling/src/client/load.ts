import { EmbedderError } from '../wire/embedder-error.js'
import type { HostEvent, LoadRequest } from '../wire/protocol.js'
import { untilAborted } from './abort.js'
import { runtimeUrls } from './asset-urls.js'
import { callListener } from './call-listener.js'
import type { Embedder } from './embedder.js'
import { checkEnvironment } from './environment.js'
import { HostConnection } from './host-connection.js'
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from './load-options.js'
import { resolveModel, type ModelSource, type ResolvedModel } from './model-source.js'
import { spawnWorker } from './spawn-worker.js'
import { Warnings } from './warnings.js'
import { WorkerEmbedder } from './worker-embedder.js'

/**
 * Loads a model into a worker of its own.
 *
 * @param model - What to load, see {@link ModelSource}.
 * @param options - Options.
 * @returns The embedder, warmed up and ready.
 * @throws {TypeError} If the model or an option is not usable.
 * @throws {RangeError} If a number is out of range.
 * @throws {EmbedderError} `environment-unsupported`, `webgpu-unavailable`, `worker-crashed`, `run-failed`, or one of the `model-…`
 * codes, `weights-missing` and `integrity-mismatch`; on an abort, the signal's reason.
 */
export async function load(model: ModelSource, options: LoadOptions = {}): Promise<Embedder> {
  checkEnvironment()
  const resolved = resolveLoadOptions(options)
  const source = resolveModel(model, resolved.hub)
  resolved.signal?.throwIfAborted()
  const connection = new HostConnection(spawnWorker(resolved))
  try {
    const loading = loadInto(connection, source, resolved)
    return await untilAborted(loading, resolved.signal, () => {
      connection.close(resolved.signal?.reason)
    })
  } catch (error) {
    connection.close(new EmbedderError('disposed', 'Cannot use the worker as its model was not loaded'))
    throw error
  }
}

async function loadInto(
  connection: HostConnection,
  source: ResolvedModel,
  options: ResolvedLoadOptions,
): Promise<Embedder> {
  const started = performance.now()
  const warnings = new Warnings(options.onWarning)
  const request: LoadRequest = {
    model: source.location,
    engine: options.engine,
    device: options.device,
    dtype: options.dtype,
    runtimes: runtimeUrls(options.engine, options.assetBaseUrl),
    runtime: options.runtime,
    verify: options.verify,
    nestedDims: options.nestedDims ?? source.nestedDims,
  }
  const listeners: { onHostEvent?: (event: HostEvent) => void } = {}
  const onEvent = (event: HostEvent): void => {
    if (event.kind === 'load') callListener(options.onProgress, event.progress)
    else listeners.onHostEvent?.(event)
  }
  const model = await connection.call((host) => host.load(request, onEvent))
  for (const { kind, message } of model.warnings) warnings.raise(kind, message)
  const embedder = new WorkerEmbedder({
    connection,
    model,
    warnings,
    truncateDim: options.truncateDim ?? model.truncateDim,
    nestedDims: options.nestedDims ?? source.nestedDims,
    loadMs: performance.now() - started,
  })
  listeners.onHostEvent = (event) => {
    embedder.onHostEvent(event)
  }
  return embedder
}
