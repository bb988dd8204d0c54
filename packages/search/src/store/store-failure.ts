import { failure } from '../wire/failure.js'

/** Errors of calls on a closed database, and of opening one that is newer than this code. */
const CLOSED: ReadonlySet<string> = new Set(['InvalidStateError', 'VersionError', 'AbortError'])

/**
 * Turns what IndexedDB throws into a typed error.
 *
 * @param cause - What was thrown.
 * @returns The error, to be thrown: `quota-exceeded` where there was no room, else `store-unavailable`.
 */
export function toStoreFailure(cause: unknown): Error {
  if (cause instanceof Error && cause.name === 'EmbedderError') return cause
  const name = cause instanceof Error ? cause.name : ''
  const details = { reason: name }
  if (name === 'QuotaExceededError') {
    const message = 'Cannot store more of the index as the browser has no room for it'
    return failure('quota-exceeded', `${message}\nAsk the user to free disk space; what was stored before is whole`, {
      cause,
      details,
    })
  }
  const reason = CLOSED.has(name)
    ? 'the database was closed: another tab may run a newer version of this page'
    : `the browser refused: ${cause instanceof Error ? `${name} ${cause.message}` : String(cause)}`
  return failure('store-unavailable', `Cannot use the stored index as ${reason}\nReload the page`, { cause, details })
}
