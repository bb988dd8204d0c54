import type { LoadRequest } from '../wire/protocol.js'
import { untilAborted } from './abort.js'
import { kernelUrls, runtimeUrls, sharedKernelUrls } from './asset-urls.js'
import type { Embedder } from './embedder.js'
import { checkEnvironment, missingFeatures } from './environment.js'
import { importPart } from './import-part.js'
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from './load-options.js'
import { resolveModel, type ModelSource, type ResolvedModel } from './model-source.js'
import { workerScript } from './spawn-worker.js'
import { Warnings } from './warnings.js'
import { WorkerSupervisor } from './worker-supervisor.js'

/**
 * Loads a model into a worker of its own.
 *
 * @param model - What to load, see {@link ModelSource}.
 * @param options - Options.
 * @returns The embedder, warmed up and ready.
 * @throws {TypeError} If the model or an option is not usable.
 * @throws {RangeError} If a number is out of range.
 * @throws {EmbedderError} `environment-unsupported`, `webgpu-unavailable`, `worker-crashed`, `run-failed`, or one of the `model-…`
 * codes, `weights-missing` and `integrity-mismatch`, `quota-exceeded` with `cache: { onQuota: 'error' | 'evict' }`; on an abort, the signal's reason.
 */
export async function load(model: ModelSource, options: LoadOptions = {}): Promise<Embedder> {
  checkEnvironment(missingFeatures())
  const resolved = resolveLoadOptions(options)
  const source = resolveModel(model, resolved.hub)
  resolved.signal?.throwIfAborted()
  const started = performance.now()
  const warnings = new Warnings(resolved.onWarning)
  const supervisor = new WorkerSupervisor({
    script: workerScript(resolved),
    request: requestOf(source, resolved),
    limits: resolved.limits,
    idleTimeoutMs: resolved.idleTimeoutMs,
    onProgress: resolved.onProgress,
    warnings,
  })
  // What is not needed before a model is there comes while it is loaded.
  const importing = importPart(() => import('./worker-embedder.js'))
  try {
    await untilAborted(Promise.all([supervisor.load(), importing]), resolved.signal, () => {
      void supervisor.dispose(resolved.signal?.reason)
    })
  } catch (error) {
    void supervisor.dispose(error)
    throw toMisuse(error)
  }
  const { model: loaded } = supervisor
  const { WorkerEmbedder } = await importing
  return WorkerEmbedder.create({
    supervisor,
    workers: resolved.workers,
    model: loaded,
    warnings,
    truncateDim: resolved.truncateDim ?? loaded.truncateDim,
    nestedDims: resolved.nestedDims ?? source.nestedDims,
    keepsEmbeddings: resolved.cache.embeddings !== undefined,
    loadMs: performance.now() - started,
  })
}

function requestOf(source: ResolvedModel, options: ResolvedLoadOptions): LoadRequest {
  return {
    model: source.location,
    engine: options.engine,
    device: options.device,
    dtype: options.dtype,
    runtimes: runtimeUrls(options.engine === 'transformers' ? 'transformers' : 'onnx', options.assetBaseUrl),
    kernels: kernelUrls(options.assetBaseUrl),
    sharedKernels: options.workers === 1 ? undefined : sharedKernelUrls(options.assetBaseUrl),
    runtime: options.runtime,
    verify: options.verify,
    // A copy: proxies, such as Vue's, cannot be cloned.
    nestedDims: (options.nestedDims ?? source.nestedDims)?.slice(),
    cache: options.cache,
  }
}

/** What cannot be cloned cannot go to the worker, and the browser's own error does not say what that is. */
function toMisuse(error: unknown): unknown {
  if (!(error instanceof DOMException) || error.name !== 'DataCloneError') return error
  return new TypeError(`Cannot load a model as it must be no proxy: ${error.message}`)
}
