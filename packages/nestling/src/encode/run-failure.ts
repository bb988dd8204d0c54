import type { Engine } from '../engine/engine.js'
import { EmbedderError, isEmbedderError } from '../wire/embedder-error.js'

/** How engines and runtimes say that memory ran out; none of them has a class for it. */
const OUT_OF_MEMORY = /bad_alloc|out of memory|allocation failed|cannot enlarge memory|failed to allocate/i

/** Causes that are looked at: a chain may be a cycle. */
const MAX_CAUSES = 8

/**
 * Gives the failure of a run its code, whatever the engine threw.
 *
 * @param error - What was thrown.
 * @param engine - What ran.
 * @returns `out-of-memory` where any cause says so, else the typed error itself, else `run-failed`.
 */
export function toRunFailure(error: unknown, { device, runtime }: Engine): EmbedderError {
  if (isOutOfMemory(error)) {
    return new EmbedderError(
      'out-of-memory',
      `Cannot encode as memory ran out on ${device}\nEncode with a smaller batchSize, close other tabs, or take a smaller model`,
      { cause: error, details: { device, runtime } },
    )
  }
  if (isEmbedderError(error)) return error
  return new EmbedderError('run-failed', `Cannot encode as the engine failed on ${device}`, {
    cause: error,
    details: { device, runtime },
  })
}

function isOutOfMemory(error: unknown): boolean {
  let current = error
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth++) {
    if (isEmbedderError(current, 'out-of-memory') || OUT_OF_MEMORY.test(current.message)) return true
    current = current.cause
  }
  return false
}
