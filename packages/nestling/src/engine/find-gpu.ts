import type { Device } from '../wire/protocol.js'

/**
 * Finds what gives adapters.
 *
 * @param wanted - The device that was asked for.
 * @returns WebGPU, or why there is none.
 */
export function findGpu(wanted: 'auto' | Device): Promise<GPU | string> {
  if (wanted === 'wasm') return Promise.resolve('WebGPU was not asked for')
  const { navigator: here } = globalThis as { readonly navigator?: Partial<Navigator> }
  return Promise.resolve(here?.gpu ?? 'this browser has no WebGPU')
}
