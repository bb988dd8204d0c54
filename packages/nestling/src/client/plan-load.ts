import { chooseDevice } from '../engine/choose-device.js'
import { probeWebGpu } from '../engine/webgpu-probe.js'
import { modelKeyOf } from '../model/model-key.js'
import { openStorage } from '../store/open-storage.js'
import { WeightStore } from '../store/weight-store.js'
import type { Device, ModelLocation, RuntimeName } from '../wire/protocol.js'
import { runtimeBytes, runtimeUrls } from './asset-urls.js'
import type { ResolvedLoadOptions } from './load-options.js'
import type { ResolvedModel } from './model-source.js'

export { probeWebGpu }

/** What `load` would do. */
export interface LoadPlan {
  readonly device: Device
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
 * Tells what a load would run and download. A page that only loads does not need this.
 *
 * @param source - What would be loaded.
 * @param options - How.
 * @returns Device, runtime and bytes.
 * @throws {EmbedderError} `environment-unsupported` or `webgpu-unavailable`.
 */
export async function planLoad(source: ResolvedModel, options: ResolvedLoadOptions): Promise<LoadPlan> {
  const { engine, device, runtime, assetBaseUrl, cache } = options
  const isRead = cache.weights === 'auto' || cache.weights === 'only'
  const [probe, isCached] = await Promise.all([probeWebGpu(), isRead && isModelStored(source.location)])
  const choice = chooseDevice({ device, runtime, runtimes: runtimeUrls(engine, assetBaseUrl) }, probe)
  return {
    device: choice.device,
    runtime: choice.runtime,
    reason: choice.reason,
    isCached,
    modelBytes: isCached ? 0 : source.sizeBytes,
    runtimeBytes: runtimeBytes(engine, choice.runtime),
  }
}

/** Whether a model is stored whole; `false` where storage is blocked. */
async function isModelStored(location: ModelLocation): Promise<boolean> {
  const key = await modelKeyOf(location)
  if (key === undefined) return false
  const { storage } = await openStorage()
  try {
    return (await new WeightStore(storage).find(key)) !== undefined
  } catch {
    // Another tab has taken the database away.
    return false
  } finally {
    storage.close()
  }
}
