import type { EmbedderError, EmbedderErrorCode, EmbedderErrorOptions } from 'nestling'

/**
 * Makes an error that the page will see as an `EmbedderError`. The class itself stays out of the worker, which would get all of nestling
 * with it; the kit's codec of errors gives it back.
 *
 * @param code - What failed.
 * @param message - What was wrong and what to do.
 * @param options - Cause and details.
 * @returns The error; `isEmbedderError()` of nestling knows it.
 */
export function failure(code: EmbedderErrorCode, message: string, options: EmbedderErrorOptions = {}): EmbedderError {
  const error = new Error(message, options.cause === undefined ? undefined : { cause: options.cause })
  const fields = { name: 'EmbedderError', code, details: options.details ?? {} }
  return Object.assign(error, fields) as unknown as EmbedderError
}
