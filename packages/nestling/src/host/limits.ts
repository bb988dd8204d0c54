import { isEmbedderError, type EmbedderErrorCode } from '../wire/embedder-error.js'

/** Failures of a host or its device. Another host may not have them; all others are the call's or the model's own. */
const HOST_FAILURES: readonly EmbedderErrorCode[] = [
  'worker-crashed',
  'worker-unresponsive',
  'device-lost',
  'out-of-memory',
  'run-failed',
]

/** Tries to load on one device. */
export const MAX_LOADS = 2

/** How long silence is borne. Each is an owner's bound: beyond it the worker is ended. */
export interface SilenceLimits {
  /** A new worker that has not said who it is. Its first line does: after 0.1 s, on a phone or a busy machine after a few seconds. */
  readonly helloMs: number
  /** No finished slice of work, or {@link SLICE_FACTOR} times its predicted time where that is longer. */
  readonly runMs: number
  /** No byte and no other sign of a load. */
  readonly downloadMs: number
  /** Compile and warm-up, each; SwiftShader compiles for half a minute. */
  readonly compileMs: number
}

/** {@link SilenceLimits} of pages. */
export const SILENCE_LIMITS: SilenceLimits = { helloMs: 20_000, runMs: 10_000, downloadMs: 300_000, compileMs: 180_000 }

/** A slice may take this many times what was predicted. */
export const SLICE_FACTOR = 20

/** A worker that still writes what it keeps is given this long; what takes longer is encoded again some day. */
export const LAST_WRITE_MS = 2000

/** Tells whether another host may do better than the one that failed so. */
export function isHostFailure(error: unknown): boolean {
  return isEmbedderError(error) && HOST_FAILURES.includes(error.code)
}

/** A script that cannot be loaded, or fails at once, does so again. */
export function isNeverStarted(error: unknown): boolean {
  return isEmbedderError(error) && error.details['isStarted'] === false
}
