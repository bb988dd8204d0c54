import { hasWasmFeature } from '../engine/wasm-features.js'

/** Finds out what is missing to run models here. */
export function missingFeatures(): readonly string[] {
  return hasWasmFeature('simd') ? [] : ['WebAssembly with SIMD is not here: use a build of Node that has it']
}
