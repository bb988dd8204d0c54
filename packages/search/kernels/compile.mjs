import { compileAssemblyScript } from '../../../tools/build/compile-assemblyscript.mjs'

/**
 * Compiles the kernels.
 *
 * @returns {Promise<Uint8Array<ArrayBuffer>>} The WebAssembly module.
 */
export function compileKernels() {
  return compileAssemblyScript(import.meta.dirname, 'simd')
}
