import type { FailureClass, FailureOptions } from './failure-class.js'

/** How an error crosses: structured clone would drop `code`, `details` and the class. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Of a failure, see {@link FailureClass}. */
  readonly code: string | undefined
  readonly details: FailureOptions['details']
  readonly cause: WireError | WireValue | undefined
}

/** A thrown value that is not an error, or a cause that is not one. */
export interface WireValue {
  readonly value: string
}

/** A chain of causes longer than this is cut: it may be a cycle. */
const MAX_CAUSES = 8

/** Name of the class of failures, by which those are known that have lost it or never had it. */
const FAILURE = 'EmbedderError'

/** Converts anything thrown into plain data; `depth` says how many causes are above it. */
export function errorToWire(error: unknown, depth = 0): WireError | WireValue {
  if (!(error instanceof Error)) return { value: String(error) }
  const { name, message, stack, cause } = error
  const { code, details } = name === FAILURE ? (error as Partial<Pick<WireError, 'code' | 'details'>>) : {}
  const isFollowed = cause !== undefined && depth < MAX_CAUSES
  return { name, message, stack, code, details, cause: isFollowed ? errorToWire(cause, depth + 1) : undefined }
}

/**
 * Rebuilds what {@link errorToWire} took apart: same class, code, details, message, stack and causes.
 *
 * @param failureClass - The class of failures; a side to which none come has none.
 * @returns An error, or the text of a thrown value that was none.
 */
export function wireToError(wire: WireError | WireValue, failureClass?: FailureClass): unknown {
  if ('value' in wire) return wire.value
  const options = wire.cause === undefined ? {} : { cause: wireToError(wire.cause, failureClass) }
  const error =
    wire.code === undefined || failureClass === undefined
      ? nativeError(wire, options)
      : // Both sides are of one build: what one has made the other knows.
        new failureClass(wire.code as never, wire.message, { ...options, details: wire.details ?? {} })
  if (wire.stack !== undefined) error.stack = wire.stack
  return error
}

function nativeError({ name, message }: WireError, options: ErrorOptions): Error {
  const native = name === 'TypeError' ? TypeError : name === 'RangeError' ? RangeError : Error
  const error = new native(message, options)
  if (error.name !== name) error.name = name
  return error
}
