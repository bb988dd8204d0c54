import type { OnnxBuild } from '../wire/protocol.js'

/** Beyond this a small encoder gains nothing, and other tabs lose. */
const MAX_THREADS = 4

/**
 * Decides how many threads a runtime computes with.
 *
 * They need shared memory, which a page has only when it is cross-origin isolated; on WebGPU the CPU just waits.
 *
 * @param runtime - Which build.
 * @returns At least 1.
 */
export function threadCount(runtime: OnnxBuild): number {
  if (runtime !== 'wasm' || !globalThis.crossOriginIsolated) return 1
  // One core is left for the page.
  return Math.min(MAX_THREADS, Math.max(1, navigator.hardwareConcurrency - 1))
}
