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

/**
 * Chooses device and runtime.
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
  const wasm = (reason: string): DeviceChoice => ({ device: 'wasm', runtime: 'wasm', reason, isFallbackAdapter: false })
  if (request.device === 'wasm') return wasm('device wasm was asked for')
  const isAuto = request.device === 'auto'
  const refuse = (reason: string): DeviceChoice => {
    if (isAuto) return wasm(`wasm, as ${reason}`)
    throw new EmbedderError(
      'webgpu-unavailable',
      `Cannot load on WebGPU as ${reason}\nLoad with device: 'auto' or 'wasm'`,
      { details: { reason } },
    )
  }
  if (!support.available) return refuse(support.reason)
  if (isAuto && support.isFallback)
    return wasm('wasm, as the WebGPU adapter computes on the CPU and WASM is faster there')
  // The engine `transformers` has no jspi build.
  const runtime = request.runtime ?? (hasJspi() && request.runtimes.jspi !== undefined ? 'jspi' : 'asyncify')
  if (request.runtimes[runtime] === undefined) {
    return refuse(`the runtime ${runtime} that this browser needs has no URL (assetBaseUrl says where it is)`)
  }
  const reason = isAuto ? 'webgpu, as a hardware adapter is here' : 'device webgpu was asked for'
  return { device: 'webgpu', runtime, reason, isFallbackAdapter: support.isFallback }
}
