import { readDatabaseFailure } from '@nestling/kit/databases/database-failure'
import { failure } from '../wire/failure.js'

/**
 * Turns what IndexedDB throws into a typed error.
 *
 * @param cause - What was thrown.
 * @returns The error, to be thrown: `quota-exceeded` where there was no room, else `store-unavailable`.
 */
export function toStoreFailure(cause: unknown): Error {
  if (cause instanceof Error && cause.name === 'EmbedderError') return cause
  const { name, reason, isFull } = readDatabaseFailure(cause)
  const details = { reason: name }
  if (isFull) {
    const message = 'Cannot store more of the index as the browser has no room for it'
    return failure('quota-exceeded', `${message}\nAsk the user to free disk space; what was stored before is whole`, {
      cause,
      details,
    })
  }
  return failure('store-unavailable', `Cannot use the stored index as ${reason}\nReload the page`, { cause, details })
}
