import type { Device } from '../wire/protocol.js'

/** Dawn ends the process when what it gave is collected while anything of it lives. */
let finding: Promise<GPU | string> | undefined

/**
 * Finds what gives adapters: Dawn, of the package `webgpu`, which is large and is loaded only where it is asked for. The constants of
 * WebGPU are global from then on.
 */
export function findGpu(wanted: 'auto' | Device): Promise<GPU | string> {
  if (wanted !== 'webgpu')
    return Promise.resolve("on Node WebGPU is taken where it is asked for, with device: 'webgpu'")
  finding ??= open()
  return finding
}

async function open(): Promise<GPU | string> {
  try {
    const { create, globals } = await import('webgpu')
    Object.assign(globalThis, globals)
    return create([])
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (isMissing) return 'WebGPU on Node needs the package webgpu: npm install webgpu'
    return `the package webgpu cannot be used: ${error instanceof Error ? error.message : String(error)}`
  }
}
