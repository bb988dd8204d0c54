import { canCompileWasm } from '../engine/wasm-features.js'
import { EmbedderError } from '../wire/embedder-error.js'

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
