import { readDatabaseFailure } from '@nestling/kit/databases/database-failure'
import { EmbedderError } from '../../wire/embedder-error.js'

/**
 * Turns what IndexedDB throws into a typed error.
 *
 * @param cause - What was thrown.
 * @returns The error, to be thrown: `quota-exceeded` where there was no room, else `store-unavailable`.
 */
export function toStoreFailure(cause: unknown): EmbedderError {
  const { name, reason, isFull } = readDatabaseFailure(cause)
  const details = { reason: name }
  if (isFull) {
    return new EmbedderError(
      'quota-exceeded',
      'Cannot store more as the browser has no room for it\nDelete models with modelCache.delete(), or ask the user to free disk space; what was stored before is whole',
      { cause, details },
    )
  }
  return new EmbedderError('store-unavailable', `Cannot use the store as ${reason}\nReload the page`, {
    cause,
    details,
  })
}
