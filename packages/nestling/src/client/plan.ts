import { chooseDevice } from '../engine/choose-device.js'
import { kernelBuilds, needsKernels } from '../engine/kernels/choose-kernels.js'
import { hasWasmFeature } from '../engine/wasm-features.js'
import { probeWebGpu } from '../engine/webgpu-probe.js'
import type { Device, EngineName, RuntimeName } from '../wire/protocol.js'
import { kernelUrls, runtimeBytes, runtimeUrls } from './asset-urls.js'
import { checkEnvironment, missingFeatures } from './environment.js'
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from './load-options.js'
import { resolveModel, type ModelSource, type ResolvedModel } from './model-source.js'

/** What this browser can do. */
export interface Support {
  /** Whether models can run here at all. */
  readonly supported: boolean
  /** Whether `device: 'auto'` would find a hardware adapter. */
  readonly webgpu: boolean
  /** What is missing, a sentence each. */
  readonly reasons: readonly string[]
}

/** What `load` would do. */
export interface LoadPlan {
  readonly device: Device
  readonly engine: EngineName
  readonly runtime: RuntimeName
  /** Why. */
  readonly reason: string
  /** Whether the model is stored, so that it needs no network. */
  readonly isCached: boolean
  /** Bytes of the model's files to fetch; `undefined` where only its server knows, 0 for stored and local files. HTTP caches and compression may make it less. */
  readonly modelBytes: number | undefined
  /** Bytes of the runtime's files before compression. */
  readonly runtimeBytes: number
}

/**
 * Tells whether models can run here; downloads nothing and never throws, on a server neither.
 *
 * @returns What this browser can do.
 */
export async function isSupported(): Promise<Support> {
  const missing = missingFeatures()
  const gpu = await probeWebGpu()
  const webgpu = gpu.available && !gpu.isFallback
  const reasons = gpu.available ? missing : [...missing, gpu.reason]
  return { supported: missing.length === 0, webgpu, reasons }
}

/**
 * Tells what `load` would run and download, without downloading anything.
 *
 * @param model - What would be loaded.
 * @param options - The options of `load`.
 * @returns Device, runtime and bytes.
 * @throws {TypeError} If the model or an option is not usable.
 * @throws {RangeError} If a number is out of range.
 * @throws {EmbedderError} `environment-unsupported` or `webgpu-unavailable`.
 */
export async function plan(model: ModelSource, options: LoadOptions = {}): Promise<LoadPlan> {
  checkEnvironment()
  const resolved = resolveLoadOptions(options)
  const { hub, cache } = resolved
  const source = resolveModel(model, hub)
  const isRead = cache.weights === 'auto' || cache.weights === 'only'
  const [run, isCached] = await Promise.all([planRun(resolved), isRead && isStored(source)])
  return {
    ...run,
    isCached,
    modelBytes: isCached ? 0 : source.sizeBytes,
    runtimeBytes: runtimeBytes(run.engine, run.runtime),
  }
}

async function planRun(
  options: ResolvedLoadOptions,
): Promise<Pick<LoadPlan, 'device' | 'engine' | 'runtime' | 'reason'>> {
  const { engine, runtime, assetBaseUrl } = options
  const onnx = engine === 'transformers' ? engine : 'onnx'
  const device = needsKernels(options) ? 'wasm' : options.device
  const choice = chooseDevice({ device, runtime, runtimes: runtimeUrls(onnx, assetBaseUrl) }, await probeWebGpu())
  const { reason } = choice
  if (choice.device === 'wasm' && engine !== 'onnx' && engine !== 'transformers') {
    const features = { hasSimd: hasWasmFeature('simd'), hasRelaxedSimd: hasWasmFeature('relaxedSimd') }
    const [build] = kernelBuilds(kernelUrls(assetBaseUrl), features)
    if (build !== undefined) return { device: 'wasm', engine: 'kernels', runtime: build, reason }
  }
  return { device: choice.device, engine: onnx, runtime: choice.runtime, reason }
}

/** What looks into the store is not needed by a page that only loads. */
async function isStored({ location }: ResolvedModel): Promise<boolean> {
  const { isModelStored } = await import('./stored-models.js')
  return isModelStored(location)
}
