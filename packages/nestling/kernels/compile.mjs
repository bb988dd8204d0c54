import { compileAssemblyScript } from '../../../tools/build/compile-assemblyscript.mjs'

/** Features of each build; the driver chooses by what the browser validates. */
const FEATURES = { 'relaxed-simd': 'simd,relaxed-simd', simd: 'simd' }

/**
 * Compiles one build of the one source.
 *
 * @param {'relaxed-simd' | 'simd'} name
 * @param {{ isShared?: boolean }} [options] `isShared`: for a memory that several workers share.
 * @returns {Promise<Uint8Array<ArrayBuffer>>} The WebAssembly module.
 */
export function compileKernels(name, { isShared = false } = {}) {
  return compileAssemblyScript(import.meta.dirname, FEATURES[name], { isShared })
}
