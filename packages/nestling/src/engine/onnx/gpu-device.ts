import { EmbedderError } from '../../wire/embedder-error.js'

/** Limits that onnxruntime's kernels use as far as an adapter goes; a device has WebGPU's small defaults otherwise. */
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

/**
 * Makes the device that onnxruntime runs on.
 *
 * Intentionally without the feature `subgroups`: with it, onnxruntime 1.30 takes another attention kernel from 32 tokens on, which
 * gives wrong vectors where subgroups have 4 lanes (measured on SwiftShader: errors of 0.06 in vectors of length 1). Without it,
 * every adapter runs the kernel that our tests prove.
 *
 * @param features - Features that it gets where the adapter has them.
 * @returns The device; whoever asked for it destroys it.
 * @throws {EmbedderError} `webgpu-unavailable` if there is none.
 * @see {@link https://github.com/microsoft/onnxruntime/pull/28520 | the two kernels}
 */
export async function createGpuDevice(features: readonly GPUFeatureName[] = []): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) {
    throw new EmbedderError(
      'webgpu-unavailable',
      "Cannot load on WebGPU as it found no adapter\nLoad with device: 'auto' or 'wasm'",
    )
  }
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]))
  const requiredFeatures = features.filter((feature) => adapter.features.has(feature))
  try {
    return await adapter.requestDevice({ label: 'nestling', requiredLimits, requiredFeatures })
  } catch (cause) {
    throw new EmbedderError(
      'webgpu-unavailable',
      "Cannot load on WebGPU as the adapter gave no device\nLoad with device: 'auto' or 'wasm'",
      { cause },
    )
  }
}
