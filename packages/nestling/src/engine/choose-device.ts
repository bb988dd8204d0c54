import { EmbedderError } from '../wire/embedder-error.js'
import type { Device, LoadRequest, OnnxBuild } from '../wire/protocol.js'
import { hasJspi, type WebGpuSupport } from './webgpu-probe.js'

/** Where a model will run, and why. */
export interface DeviceChoice {
  readonly device: Device
  readonly runtime: OnnxBuild
  readonly reason: string
  /** WebGPU on a CPU: too slow for a warm-up with several shapes. */
  readonly isFallbackAdapter: boolean
}

/** Whether WebGPU is taken, and why. */
export interface WebGpuChoice {
  readonly isTaken: boolean
  readonly reason: string
  /** It is on a CPU: too slow for a warm-up with several shapes. */
  readonly isFallbackAdapter: boolean
}

/**
 * Chooses between WebGPU and WASM, whatever runs on it.
 *
 * @param device - What was asked for.
 * @param support - What WebGPU offers here.
 * @returns The choice.
 * @throws {EmbedderError} `webgpu-unavailable` if WebGPU is asked for and cannot be had.
 */
export function chooseWebGpu(device: LoadRequest['device'], support: WebGpuSupport): WebGpuChoice {
  if (device === 'wasm') return notTaken('device wasm was asked for')
  const isAuto = device === 'auto'
  if (!support.available) return refuse(device, support.reason)
  if (isAuto && support.isFallback) {
    return notTaken('wasm, as the WebGPU adapter computes on the CPU and WASM is faster there')
  }
  const reason = isAuto ? 'webgpu, as a hardware adapter is here' : 'device webgpu was asked for'
  return { isTaken: true, reason, isFallbackAdapter: support.isFallback }
}

/**
 * Chooses the build of onnxruntime-web for WebGPU.
 *
 * @param request - What was asked for, and which runtimes have URLs.
 * @returns The build that this browser needs, and whether it has a URL.
 */
export function chooseGpuBuild(request: Pick<LoadRequest, 'runtime' | 'runtimes'>): {
  readonly runtime: OnnxBuild
  readonly isThere: boolean
} {
  // The engine `transformers` has no jspi build.
  const runtime = request.runtime ?? (hasJspi() && request.runtimes.jspi !== undefined ? 'jspi' : 'asyncify')
  return { runtime, isThere: request.runtimes[runtime] !== undefined }
}

/**
 * Chooses device and runtime of onnxruntime-web.
 *
 * @param request - What was asked for, and which runtimes have URLs.
 * @param support - What WebGPU offers here.
 * @returns The choice.
 * @throws {EmbedderError} `webgpu-unavailable` if WebGPU is asked for and cannot be had.
 */
export function chooseDevice(
  request: Pick<LoadRequest, 'device' | 'runtime' | 'runtimes'>,
  support: WebGpuSupport,
): DeviceChoice {
  let { isTaken, reason, isFallbackAdapter } = chooseWebGpu(request.device, support)
  const { runtime, isThere } = chooseGpuBuild(request)
  if (isTaken && !isThere) {
    const lack = `the runtime ${runtime} that this browser needs has no URL (assetBaseUrl says where it is)`
    ;({ isTaken, reason, isFallbackAdapter } = refuse(request.device, lack))
  }
  if (!isTaken) return { device: 'wasm', runtime: 'wasm', reason, isFallbackAdapter }
  return { device: 'webgpu', runtime, reason, isFallbackAdapter }
}

function notTaken(reason: string): WebGpuChoice {
  return { isTaken: false, reason, isFallbackAdapter: false }
}

function refuse(device: LoadRequest['device'], reason: string): WebGpuChoice {
  if (device === 'auto') return notTaken(`wasm, as ${reason}`)
  throw new EmbedderError(
    'webgpu-unavailable',
    `Cannot load on WebGPU as ${reason}\nLoad with device: 'auto' or 'wasm'`,
    { details: { reason } },
  )
}
