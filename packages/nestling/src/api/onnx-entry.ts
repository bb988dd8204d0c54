import { bundledRuntimes } from './source/bundled-runtimes.js'
import type { Embedder } from './embedder.js'
import { loadThrough } from './load.js'
import { resolveLoadOptions, type LoadOptions } from './options/load-options.js'
import type { ModelSource } from './source/model-source.js'
import type { PackageEntry } from './package-entry.js'
import type { LoadPlan } from './plan-load.js'
import { planThrough } from './plan.js'

/** All engines. */
const ONNX: PackageEntry = { bundledRuntimes, resolveOptions: resolveLoadOptions }

/**
 * Loads a model into a worker of its own, on our kernels or in onnxruntime-web.
 *
 * @param model - What to load, see {@link ModelSource}.
 * @param options - See {@link LoadOptions}.
 * @returns The embedder, warmed up and ready.
 * @throws {TypeError} If the model or an option is not usable.
 * @throws {RangeError} If a number is out of range.
 * @throws {EmbedderError} As `load` of `nestling`.
 */
export function load(model: ModelSource, options: LoadOptions = {}): Promise<Embedder> {
  return loadThrough(ONNX, model, options)
}

/**
 * Tells what `load` would run and download. It downloads no weights; of a folder on a server it reads small files and asks for sizes.
 *
 * @param model - What would be loaded.
 * @param options - The options of `load`.
 * @returns Device, runtime and bytes.
 * @throws {TypeError} If the model or an option is not usable.
 * @throws {RangeError} If a number is out of range.
 * @throws {EmbedderError} `environment-unsupported` or `webgpu-unavailable`; on an abort, the signal's reason.
 */
export function plan(model: ModelSource, options: LoadOptions = {}): Promise<LoadPlan> {
  return planThrough(ONNX, model, options)
}
