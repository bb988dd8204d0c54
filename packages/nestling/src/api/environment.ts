import { canCompileWasm, hasWasmFeature } from '../engine/wasm-features.js'
import { EmbedderError } from '../wire/embedder-error.js'

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

/**
 * Finds out whether the page's policy forbids WebAssembly. The worker's own policy decides about a load: one that was fetched has that of
 * its own answer, which is the page's as a rule.
 *
 * @returns What is forbidden and what to do; empty when nothing is.
 */
export function forbiddenFeatures(): readonly string[] {
  if (typeof WebAssembly === 'undefined' || canCompileWasm()) return []
  return ["the content security policy forbids WebAssembly: add 'wasm-unsafe-eval' to script-src"]
}

/**
 * Makes sure that models can run here.
 *
 * @throws {EmbedderError} `environment-unsupported` if something is.
 */
export function checkEnvironment(missing: readonly string[]): void {
  if (missing.length === 0) return
  throw new EmbedderError('environment-unsupported', `Cannot load a model as ${missing.join('; ')}`)
}
