import { show } from '@nestling/kit/options/show'
import type { Embedder } from './embedder.js'
import { loadThrough } from './load.js'
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from './options/load-options.js'
import type { ModelSource } from './source/model-source.js'
import type { PackageEntry } from './package-entry.js'
import type { LoadPlan } from './plan-load.js'
import { planThrough } from './plan.js'

/** Our kernels alone: no bundler sees a file of onnxruntime-web. */
const MAIN: PackageEntry = { bundledRuntimes: () => ({}), resolveOptions: resolveMainOptions }

/**
 * Loads a model into a worker of its own, on our kernels.
 *
 * @param model - What to load, see {@link ModelSource}.
 * @param options - See {@link LoadOptions}. What needs onnxruntime-web needs `nestling/onnx` or `assetBaseUrl`.
 * @returns The embedder, warmed up and ready.
 * @throws {TypeError} If the model or an option is not usable, or needs onnxruntime-web, which this entry leaves out.
 * @throws {RangeError} If a number is out of range.
 * @throws {EmbedderError} `environment-unsupported`, `webgpu-unavailable`, `worker-crashed`, `run-failed`, or one of the `model-…`
 * codes, `weights-missing` and `integrity-mismatch`, `quota-exceeded` with `cache: { onQuota: 'error' | 'evict' }`; on an abort, the signal's reason.
 */
export function load(model: ModelSource, options: LoadOptions = {}): Promise<Embedder> {
  return loadThrough(MAIN, model, options)
}

/**
 * Tells what `load` would run and download. It downloads no weights; of a folder on a server it reads small files and asks for sizes.
 *
 * @param model - What would be loaded.
 * @param options - The options of `load`.
 * @returns Device, runtime and bytes.
 * @throws {TypeError} If the model or an option is not usable, or needs onnxruntime-web, which this entry leaves out.
 * @throws {RangeError} If a number is out of range.
 * @throws {EmbedderError} `environment-unsupported` or `webgpu-unavailable`; on an abort, the signal's reason.
 */
export function plan(model: ModelSource, options: LoadOptions = {}): Promise<LoadPlan> {
  return planThrough(MAIN, model, options)
}

function resolveMainOptions(options: LoadOptions): ResolvedLoadOptions {
  const resolved = resolveLoadOptions(options)
  const { engine, assetBaseUrl } = resolved
  if (engine === 'auto' || engine === 'kernels') return { ...resolved, engine: 'kernels' }
  // What is asked for by name is taken from assetBaseUrl, as a bundler can find it nowhere.
  if (assetBaseUrl !== undefined) return resolved
  throw new TypeError(
    `Cannot load a model as nestling brings our kernels alone: current value is ${show(engine)} as engine\nImport load from nestling/onnx, which brings onnxruntime-web, or give assetBaseUrl of a folder that npx nestling copy-assets --${engine} filled`,
  )
}
