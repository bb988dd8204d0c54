import { EmbedderError } from '../wire/embedder-error.js'
import { findGpu } from './find-gpu.js'

/** Limits that kernels use as far as an adapter goes; a device has WebGPU's small defaults otherwise. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[]

/** What a device is asked for. */
export interface GpuDeviceOptions {
  /** Where adapters come from; what this place has when left out. */
  readonly gpu?: GPU | undefined
  /** Features that it gets where the adapter has them. */
  readonly features?: readonly GPUFeatureName[]
}

/**
 * Makes a device to compute with.
 *
 * Intentionally without the feature `subgroups`: with it, onnxruntime 1.30 takes another attention kernel from 32 tokens on, which
 * gives wrong vectors where subgroups have 4 lanes (measured on SwiftShader: errors of 0.06 in vectors of length 1). Without it,
 * every adapter runs the kernel that our tests prove.
 *
 * @returns The device, and the adapter it is of; whoever asked for it destroys it.
 * @throws {EmbedderError} `webgpu-unavailable` if there is none.
 * @see {@link https://github.com/microsoft/onnxruntime/pull/28520 | the two kernels}
 */
export async function createGpuDevice({ gpu, features = [] }: GpuDeviceOptions = {}): Promise<{
  readonly device: GPUDevice
  readonly adapter: GPUAdapter
}> {
  const source = gpu ?? (await findGpu('webgpu'))
  if (typeof source === 'string') throw unavailable(`as ${source}`)
  const adapter = await source.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) throw unavailable('as it found no adapter')
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]))
  const requiredFeatures = features.filter((feature) => adapter.features.has(feature))
  try {
    const device = await adapter.requestDevice({ label: 'nestling', requiredLimits, requiredFeatures })
    return { device, adapter }
  } catch (cause) {
    throw unavailable('as the adapter gave no device', cause)
  }
}

function unavailable(reason: string, cause?: unknown): EmbedderError {
  const message = `Cannot load on WebGPU ${reason}\nLoad with device: 'auto' or 'wasm'`
  return new EmbedderError('webgpu-unavailable', message, { cause })
}
