import { show } from '@nestling/kit/options/show'
import type { Embedder } from './embedder.js'
import { loadThrough } from './load.js'
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from './options/load-options.js'
import type { ModelSource } from './source/model-source.js'
import type { PackageEntry } from './package-entry.js'
import type { LoadPlan } from './plan-load.js'
import { planThrough } from './plan.js'

/** Our kernels alone: no bundler sees a file of onnxruntime-web. */
const KERNELS: PackageEntry = { bundledRuntimes: () => ({}), resolveOptions: resolveKernelsOptions }

/**
 * Loads a model into a worker of its own, on the engine `kernels`.
 *
 * @param model - What to load, see {@link ModelSource}.
 * @param options - Options of `load` of `nestling`. What needs onnxruntime-web needs `assetBaseUrl` here.
 * @returns The embedder, warmed up and ready.
 * @throws {TypeError} If the model or an option is not usable, or needs onnxruntime-web, which this entry leaves out.
 * @throws {RangeError} If a number is out of range.
 * @throws {EmbedderError} As `load` of `nestling`.
 */
export function load(model: ModelSource, options: LoadOptions = {}): Promise<Embedder> {
  return loadThrough(KERNELS, model, options)
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
  return planThrough(KERNELS, model, options)
}

function resolveKernelsOptions(options: LoadOptions): ResolvedLoadOptions {
  const resolved = resolveLoadOptions(options)
  const asked = askedOfOnnx(resolved)
  // What is asked for by name is taken from assetBaseUrl, as a bundler can find it nowhere.
  if (asked === undefined) return { ...resolved, engine: 'kernels', device: 'wasm' }
  if (resolved.assetBaseUrl !== undefined) return resolved
  const [name, value] = asked
  throw new TypeError(
    `Cannot load a model as nestling/kernels has the engine kernels alone: current value is ${show(value)} as ${name}\nImport load from nestling, which brings onnxruntime-web, or give assetBaseUrl`,
  )
}

/** Which option only onnxruntime-web can fulfil. */
function askedOfOnnx(resolved: ResolvedLoadOptions): readonly [string, string] | undefined {
  const { engine, device, dtype } = resolved
  if (engine === 'onnx' || engine === 'transformers') return ['engine', engine]
  if (device === 'webgpu') return ['device', device]
  // Computed on WebGPU, as a folder's own graph; the engine `transformers` alone has the latter.
  return dtype === 'fp16' || dtype === 'q4' ? ['dtype', dtype] : undefined
}
