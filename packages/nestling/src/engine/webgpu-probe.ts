import type { Device } from '../wire/protocol.js'
import { findGpu } from './find-gpu.js'

/** What WebGPU offers here. */
export type WebGpuSupport =
  | { readonly available: false; readonly reason: string }
  | {
      readonly available: true
      /** The adapter computes on the CPU (SwiftShader, WARP): right, and about 100 times slower than a GPU. */
      readonly isFallback: boolean
    }

/**
 * Asks for a WebGPU adapter. `navigator.gpu` alone says nothing: there may be no adapter behind it.
 *
 * @param wanted - The device that was asked for.
 * @returns What was found.
 */
export async function probeWebGpu(wanted: 'auto' | Device): Promise<WebGpuSupport> {
  const gpu = await findGpu(wanted)
  if (typeof gpu === 'string') return { available: false, reason: gpu }
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
    if (adapter === null) return { available: false, reason: 'WebGPU found no adapter' }
    return { available: true, isFallback: adapter.info.isFallbackAdapter }
  } catch (error) {
    return { available: false, reason: `WebGPU failed: ${String(error)}` }
  }
}

/**
 * Tells whether WebAssembly may wait for promises, which the smaller WebGPU build needs.
 *
 * @returns Whether JSPI is there.
 */
export function hasJspi(): boolean {
  return 'Suspending' in WebAssembly
}
