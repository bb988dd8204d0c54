import { EmbedderError } from 'nestling/kernels'
import type { WireError } from './error-codec.js'

/**
 * Rebuilds what `errorToWire` took apart: same class, code, details, message, stack and causes.
 *
 * @param wire - Plain data.
 * @returns The error.
 */
export function wireToError(wire: WireError): Error {
  const options = wire.cause === undefined ? {} : { cause: wireToError(wire.cause) }
  const error =
    wire.code === undefined
      ? nativeError(wire, options)
      : new EmbedderError(wire.code, wire.message, { ...options, details: wire.details ?? {} })
  if (wire.stack !== undefined) error.stack = wire.stack
  return error
}

function nativeError({ name, message }: WireError, options: ErrorOptions): Error {
  if (name === 'TypeError') return new TypeError(message, options)
  if (name === 'RangeError') return new RangeError(message, options)
  const error = new Error(message, options)
  error.name = name
  return error
}
