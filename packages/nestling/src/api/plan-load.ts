import { chooseDevice, chooseWebGpu } from '../engine/choose-device.js'
import { kernelBuilds } from '../engine/kernels/choose-kernels.js'
import { hasWasmFeature } from '../engine/wasm-features.js'
import { probeWebGpu } from '../engine/webgpu-probe.js'
import { downloadBytes } from '../model/download/download-bytes.js'
import { modelKeyOf } from '../model/model-key.js'
import { openStorage } from '../store/records/open-storage.js'
import { ModelStore } from '../store/models/model-store.js'
import type { Device, EngineName, RuntimeName } from '../wire/protocol.js'
import { within } from '@nestling/kit/calls/within'
import { kernelUrls, runtimeBytes, runtimeUrls, type BundledRuntimes } from './source/asset-urls.js'
import type { ResolvedLoadOptions } from './options/load-options.js'
import type { ResolvedModel } from './source/model-source.js'

export { probeWebGpu }

/** Milliseconds that a server has to tell sizes. */
const ASK_MS = 20_000

/** What `load` would do. */
export interface LoadPlan {
  readonly device: Device
  readonly engine: EngineName
  readonly runtime: RuntimeName
  /** Why. */
  readonly reason: string
  /** Whether the model is stored, so that it needs no network. */
  readonly isCached: boolean
  /**
   * Bytes of the model's files to fetch, 0 for stored and local ones. For a URL and a hub id the server is asked: it is what the progress of
   * `load` will give as `totalBytes`, weights and tokenizer, and `undefined` where the server does not tell or cannot be reached. HTTP caches
   * and compression may make it less.
   */
  readonly modelBytes: number | undefined
  /** Bytes of the runtime's files before compression. */
  readonly runtimeBytes: number
}

/**
 * Tells what a load would run and download. A page that only loads does not need this.
 *
 * @param source - What would be loaded.
 * @param options - How.
 * @param bundled - Where a bundler put the runtimes.
 * @returns Device, runtime and bytes.
 * @throws {EmbedderError} `environment-unsupported` or `webgpu-unavailable`.
 */
export async function planLoad(
  source: ResolvedModel,
  options: ResolvedLoadOptions,
  bundled: BundledRuntimes,
): Promise<LoadPlan> {
  const { weights } = options.cache
  const isRead = weights === 'auto' || weights === 'only'
  const key = await modelKeyOf(source.location)
  const [run, isCached] = await Promise.all([planRun(options, bundled), isRead && isModelStored(key)])
  const isHere = isCached || key === undefined
  const asking = isHere ? Promise.resolve(0) : bytesToFetch(source, run, options)
  return {
    ...run,
    isCached,
    modelBytes: await asking,
    runtimeBytes: runtimeBytes(run.engine, run.runtime),
  }
}

async function bytesToFetch(
  { location, sizeBytes }: ResolvedModel,
  { engine, device }: Pick<LoadPlan, 'engine' | 'device'>,
  { cache, dtype }: ResolvedLoadOptions,
): Promise<number | undefined> {
  if ((location.kind !== 'url' && location.kind !== 'hub') || cache.weights === 'only') return sizeBytes
  const onnx = engine === 'transformers' ? { dtype, device } : undefined
  try {
    return await within(downloadBytes(location, { onnx }), ASK_MS)
  } catch {
    // What keeps the server from telling shows when the model is loaded.
    return undefined
  }
}

async function planRun(
  options: ResolvedLoadOptions,
  bundled: BundledRuntimes,
): Promise<Pick<LoadPlan, 'device' | 'engine' | 'runtime' | 'reason'>> {
  const { engine, device, runtime, assetBaseUrl } = options
  const support = await probeWebGpu(device)
  if (engine === 'auto' || engine === 'kernels') {
    const { isTaken, reason } = chooseWebGpu(device, support)
    if (isTaken) return { device: 'webgpu', engine: 'kernels', runtime: 'wgsl', reason }
    const features = { hasSimd: hasWasmFeature('simd'), hasRelaxedSimd: hasWasmFeature('relaxedSimd') }
    const [build] = kernelBuilds(kernelUrls(assetBaseUrl), features)
    if (build !== undefined) return { device: 'wasm', engine: 'kernels', runtime: build, reason }
    return { device: 'wasm', engine: 'onnx', runtime: 'wasm', reason }
  }
  const choice = chooseDevice({ device, runtime, runtimes: runtimeUrls(engine, assetBaseUrl, bundled) }, support)
  return { device: choice.device, engine, runtime: choice.runtime, reason: choice.reason }
}

/** Whether a model is stored whole; `false` where storage is blocked. */
async function isModelStored(key: string | undefined): Promise<boolean> {
  if (key === undefined) return false
  const { storage } = await openStorage()
  try {
    return (await new ModelStore(storage).find(key)) !== undefined
  } catch {
    // Another tab has taken the database away.
    return false
  } finally {
    storage.close()
  }
}
