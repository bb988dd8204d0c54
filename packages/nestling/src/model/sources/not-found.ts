import { EmbedderError } from '../../wire/embedder-error.js'

/**
 * Says that a source has no such file.
 *
 * @param reason - Why, in words.
 * @returns The error, to be thrown.
 */
export function notFound(path: string, reason: string): EmbedderError {
  return new EmbedderError('model-not-found', `Cannot load ${path} as ${reason}`, { details: { path } })
}
