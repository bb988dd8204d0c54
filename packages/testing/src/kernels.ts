import { setFlagsFromString } from 'node:v8'
import { compileKernels } from '../../nestling/kernels/compile.mjs'
import { hasWasmFeature } from '../../nestling/src/engine/wasm-features.js'

/** Builds of the kernels. */
export const KERNEL_BUILDS = ['relaxed-simd', 'simd'] as const

const compiled = new Map<string, Promise<WebAssembly.Module>>()

/**
 * Compiles the kernels from their source, as they are now.
 *
 * @param isShared - Whether it is for a memory that workers share.
 */
export function kernelModule(build: (typeof KERNEL_BUILDS)[number], isShared = false): Promise<WebAssembly.Module> {
  const key = `${build} ${isShared ? 'shared' : 'own'}`
  let module = compiled.get(key)
  if (module === undefined) {
    // Node 20 has relaxed SIMD behind a flag, and its baseline compiler mixes up the operands of the dot product.
    setFlagsFromString('--no-liftoff')
    // Where it is there by itself, V8 has forgotten the flag and says so on the screen.
    if (!hasWasmFeature('relaxedSimd')) setFlagsFromString('--experimental-wasm-relaxed-simd')
    module = compileKernels(build, { isShared }).then((bytes) => WebAssembly.compile(bytes))
    compiled.set(key, module)
  }
  return module
}
