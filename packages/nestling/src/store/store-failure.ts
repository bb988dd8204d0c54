import { EmbedderError } from '../wire/embedder-error.js'

/**
 * Turns what IndexedDB throws into a typed error.
 *
 * @param cause - What was thrown.
 * @returns The error, to be thrown: `quota-exceeded` where there was no room, else `store-unavailable`.
 */
export function toStoreFailure(cause: unknown): EmbedderError {
  const name = cause instanceof Error ? cause.name : ''
  const details = { reason: name }
  if (name === 'QuotaExceededError') {
    return new EmbedderError(
      'quota-exceeded',
      'Cannot store more as the browser has no room for it\nDelete models with modelCache.delete(), or ask the user to free disk space; what was stored before is whole',
      { cause, details },
    )
  }
  const reason = CLOSED.has(name)
    ? 'the database was closed: another tab may run a newer version of this page'
    : `the browser refused: ${cause instanceof Error ? `${name} ${cause.message}` : String(cause)}`
  return new EmbedderError('store-unavailable', `Cannot use the store as ${reason}\nReload the page`, {
    cause,
    details,
  })
}

/** Errors of calls on a closed database, and of opening one that is newer than this code. */
const CLOSED: ReadonlySet<string> = new Set(['InvalidStateError', 'VersionError', 'AbortError'])
