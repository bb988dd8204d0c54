import { EmbedderError, isEmbedderError, type EmbedderErrorCode, type ErrorDetails } from './embedder-error.js'

/** How an error crosses: structured clone would drop `code`, `details` and the class. */
export interface WireError {
  readonly isError: true
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: EmbedderErrorCode | undefined
  readonly details: ErrorDetails | undefined
  readonly cause: WireError | WireValue | undefined
}

/** A thrown value that is not an error, or a cause that is not one. */
export interface WireValue {
  readonly isError: false
  readonly value: string
}

/** A chain of causes longer than this is cut: it may be a cycle. */
const MAX_CAUSES = 8

/**
 * Converts anything thrown into plain data.
 *
 * @param error - What was thrown.
 * @param depth - How many causes are above it.
 * @returns Data that a structured clone keeps whole.
 */
export function errorToWire(error: unknown, depth = 0): WireError | WireValue {
  if (!(error instanceof Error)) return { isError: false, value: String(error) }
  const hasCause = error.cause !== undefined && depth < MAX_CAUSES
  return {
    isError: true,
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: isEmbedderError(error) ? error.code : undefined,
    details: isEmbedderError(error) ? error.details : undefined,
    cause: hasCause ? errorToWire(error.cause, depth + 1) : undefined,
  }
}

/**
 * Rebuilds what {@link errorToWire} took apart: same class, code, details, message, stack and causes.
 *
 * @param wire - Plain data.
 * @returns An error, or the text of a thrown value that was none.
 */
export function wireToError(wire: WireError | WireValue): unknown {
  if (!wire.isError) return wire.value
  const options = wire.cause === undefined ? {} : { cause: wireToError(wire.cause) }
  const error =
    wire.code === undefined
      ? nativeError(wire, options)
      : new EmbedderError(wire.code, wire.message, { ...options, details: wire.details ?? {} })
  if (wire.stack !== undefined) error.stack = wire.stack
  return error
}

function nativeError(wire: WireError, options: ErrorOptions): Error {
  if (wire.name === 'TypeError') return new TypeError(wire.message, options)
  if (wire.name === 'RangeError') return new RangeError(wire.message, options)
  const error = new Error(wire.message, options)
  error.name = wire.name
  return error
}
