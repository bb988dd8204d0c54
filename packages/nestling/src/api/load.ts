import { HostKeeper } from '../host/keeper.js'
import type { LoadRequest } from '../wire/protocol.js'
import { untilAborted } from '@nestling/kit/calls/until-aborted'
import { kernelUrls, runtimeUrls, sharedKernelUrls, type BundledRuntimes } from './source/asset-urls.js'
import type { Embedder } from './embedder.js'
import { checkEnvironment } from './environment.js'
import { missingFeatures } from './missing-features.js'
import { importBundle } from '@nestling/kit/worker/import-bundle'
import { EmbedderError } from '../wire/embedder-error.js'
import type { LoadOptions, ResolvedLoadOptions } from './options/load-options.js'
import { resolveModel, type ModelSource, type ResolvedModel } from './source/model-source.js'
import type { PackageEntry } from './package-entry.js'
import { workerScript } from './source/spawn-worker.js'
import { Warnings } from './warnings.js'

/**
 * Loads a model into a worker of its own, as one entry of the package does; `load` of that entry says what it throws.
 *
 * @param options - Options of the caller.
 * @returns The embedder, warmed up and ready.
 */
export async function loadThrough(entry: PackageEntry, model: ModelSource, options: LoadOptions): Promise<Embedder> {
  checkEnvironment(missingFeatures())
  const resolved = entry.resolveOptions(options)
  const source = resolveModel(model, resolved.hub)
  resolved.signal?.throwIfAborted()
  const started = performance.now()
  const warnings = new Warnings(resolved.onWarning)
  const host = new HostKeeper({
    script: workerScript(resolved),
    request: requestOf(source, resolved, entry.bundledRuntimes),
    limits: resolved.limits,
    idleTimeoutMs: resolved.idleTimeoutMs,
    onProgress: resolved.onProgress,
    onWarning: (kind, message) => {
      warnings.raise(kind, message)
    },
  })
  // What is not needed before a model is there comes while it is loaded.
  const importing = importBundle(() => import('./worker-embedder.js'), EmbedderError)
  try {
    await untilAborted(Promise.all([host.load(), importing]), resolved.signal, () => {
      void host.dispose(resolved.signal?.reason)
    })
  } catch (error) {
    void host.dispose(error)
    throw toMisuse(error)
  }
  const { model: loaded } = host
  const { WorkerEmbedder } = await importing
  return WorkerEmbedder.create({
    host,
    workers: resolved.workers,
    model: loaded,
    warnings,
    truncateDim: resolved.truncateDim ?? loaded.truncateDim,
    nestedDims: resolved.nestedDims ?? source.nestedDims,
    keepsEmbeddings: resolved.cache.embeddings !== undefined,
    loadMs: performance.now() - started,
  })
}

function requestOf(source: ResolvedModel, options: ResolvedLoadOptions, bundled: BundledRuntimes): LoadRequest {
  const onnx = options.engine === 'transformers' ? 'transformers' : 'onnx'
  return {
    model: source.location,
    engine: options.engine,
    device: options.device,
    dtype: options.dtype,
    runtimes: runtimeUrls(onnx, options.assetBaseUrl, bundled),
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
