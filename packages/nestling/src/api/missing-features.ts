import { hasWasmFeature } from '../engine/wasm-features.js'

/**
 * Finds out what is missing to run models here; touches nothing that a server lacks.
 *
 * @returns What is missing and what to do, a sentence each; empty when nothing is.
 */
export function missingFeatures(): readonly string[] {
  const missing: string[] = []
  if (typeof Worker === 'undefined') missing.push('there are no Web Workers here: call load() in a browser')
  if (typeof WebAssembly === 'undefined') {
    missing.push('WebAssembly is not here: leave the lockdown mode for this site, or use another browser')
  } else if (!hasWasmFeature('simd')) {
    missing.push('WebAssembly with SIMD is not here: use a browser from 2023 or newer')
  }
  if (!('crypto' in globalThis) || !('subtle' in globalThis.crypto)) {
    missing.push('the page is not a secure context: serve it over https or from localhost')
  }
  return missing
}
