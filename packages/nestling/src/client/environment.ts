import { EmbedderError } from '../wire/embedder-error.js'

/** A module with one SIMD instruction (`i8x16.splat`): valid only where WebAssembly has SIMD. */
const SIMD_MODULE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  8,
  1,
  6,
  0,
  65,
  0,
  253,
  15,
  11,
)

/**
 * Finds out what is missing to run models here; touches nothing that a server lacks.
 *
 * @returns What is missing and what to do, a sentence each; empty when nothing is.
 */
export function missingFeatures(): readonly string[] {
  const missing: string[] = []
  if (typeof Worker === 'undefined') missing.push('there are no Web Workers here: call load() in a browser')
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(SIMD_MODULE)) {
    missing.push('WebAssembly with SIMD is not here: use a browser from 2023 or newer')
  }
  if (!('crypto' in globalThis) || !('subtle' in globalThis.crypto)) {
    missing.push('the page is not a secure context: serve it over https or from localhost')
  }
  return missing
}

/**
 * Makes sure that models can run here.
 *
 * @throws {EmbedderError} `environment-unsupported` if something is missing.
 */
export function checkEnvironment(): void {
  const missing = missingFeatures()
  if (missing.length === 0) return
  throw new EmbedderError('environment-unsupported', `Cannot load a model as ${missing.join('; ')}`)
}
