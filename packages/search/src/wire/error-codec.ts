import type { EmbedderErrorCode, ErrorDetails } from 'nestling'

/** How an error crosses: structured clone would drop `code`, `details` and the class. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: EmbedderErrorCode | undefined
  readonly details: ErrorDetails | undefined
  readonly cause: WireError | undefined
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
export function errorToWire(error: unknown, depth = 0): WireError {
  if (!(error instanceof Error)) {
    return {
      name: 'Error',
      message: String(error),
      stack: undefined,
      code: undefined,
      details: undefined,
      cause: undefined,
    }
  }
  const { code, details } = error as { code?: EmbedderErrorCode; details?: ErrorDetails }
  const isTyped = error.name === 'EmbedderError'
  const hasCause = error.cause !== undefined && depth < MAX_CAUSES
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: isTyped ? code : undefined,
    details: isTyped ? details : undefined,
    cause: hasCause ? errorToWire(error.cause, depth + 1) : undefined,
  }
}
