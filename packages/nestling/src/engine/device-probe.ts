import type { DeviceProbe, WebGpuProbe } from '../wire/load-report.js'
import type { LoadRequest } from '../wire/protocol.js'
import { checkCompute } from './compute-check.js'
import { findGpu } from './find-gpu.js'
import { machine } from './machine.js'
import { hasWasmFeature } from './wasm-features.js'
import { hasJspi, type WebGpuSupport } from './webgpu-probe.js'

/** Gibibytes. */
const MEMORY_TIERS = { low: 2, medium: 4 } as const

/**
 * Finds out what this place can compute with. More than a page needs to know: it makes an adapter compute, so it runs in the worker.
 *
 * @param wanted - The device that was asked for; WebGPU is not touched where it is `wasm`.
 * @returns What was found, as plain data.
 */
export async function probeDevice(wanted: LoadRequest['device']): Promise<DeviceProbe> {
  const { cores, memoryGib, canShare } = machine()
  return {
    webgpu: wanted === 'wasm' ? unavailable('it was not asked for') : await probeAdapter(wanted),
    wasm: {
      hasSimd: hasWasmFeature('simd'),
      hasRelaxedSimd: hasWasmFeature('relaxedSimd'),
      hasJspi: hasJspi(),
    },
    hardwareConcurrency: cores,
    isCrossOriginIsolated: canShare,
    memoryTier: memoryTier(memoryGib),
  }
}

/**
 * Tells in short what a probe found of WebGPU.
 *
 * @returns What choosing a device needs.
 */
export function toWebGpuSupport({ webgpu }: DeviceProbe): WebGpuSupport {
  if (webgpu.isAvailable) return { available: true, isFallback: webgpu.isFallbackAdapter }
  return { available: false, reason: webgpu.reason ?? 'WebGPU is not here' }
}

async function probeAdapter(wanted: LoadRequest['device']): Promise<WebGpuProbe> {
  const gpu = await findGpu(wanted)
  if (typeof gpu === 'string') return unavailable(gpu)
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
    if (adapter === null) return unavailable('WebGPU found no adapter')
    const found = describeAdapter(adapter)
    // Nobody will use it.
    if (wanted === 'auto' && found.isFallbackAdapter) return found
    const reason = await checkCompute(adapter)
    if (reason === undefined) return { ...found, compute: 'passed' }
    return { ...found, isAvailable: false, reason, compute: 'failed' }
  } catch (error) {
    return unavailable(`WebGPU failed: ${String(error)}`)
  }
}

function describeAdapter({ info, features, limits }: GPUAdapter): WebGpuProbe {
  return {
    isAvailable: true,
    reason: undefined,
    isFallbackAdapter: info.isFallbackAdapter,
    hasShaderF16: features.has('shader-f16'),
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    },
    compute: 'skipped',
  }
}

function unavailable(reason: string): WebGpuProbe {
  return {
    isAvailable: false,
    reason,
    isFallbackAdapter: false,
    hasShaderF16: false,
    vendor: '',
    architecture: '',
    device: '',
    description: '',
    limits: { maxBufferSize: 0, maxStorageBufferBindingSize: 0 },
    compute: 'skipped',
  }
}

function memoryTier(gibibytes: number | undefined): DeviceProbe['memoryTier'] {
  if (gibibytes === undefined) return 'unknown'
  if (gibibytes <= MEMORY_TIERS.low) return 'low'
  return gibibytes <= MEMORY_TIERS.medium ? 'medium' : 'high'
}
