import { show } from './show.js'

/** Which keys an options object may have; a compile-time check keeps it complete. */
export type KnownKeys<T> = { readonly [K in keyof T]-?: true }

/**
 * Refuses options that do not exist: a misspelt one would silently do nothing.
 *
 * @param what - The call, for the message.
 * @throws {TypeError} If `options` is not an object or has another key.
 */
export function checkKeys<T>(what: string, options: T, known: KnownKeys<T>): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Cannot ${what} as options must be an object: current value is ${show(options)}`)
  }
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(known, key))
  if (unknown === undefined) return
  throw new TypeError(`Cannot ${what} as ${unknown} is not an option: the options are ${Object.keys(known).join(', ')}`)
}

/**
 * Checks that a value is one of a list. The default is the caller's to fill in.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @returns The value; `undefined` when there is none.
 * @throws {TypeError} If it is another value.
 */
export function checkOneOf<const T extends string>(
  what: string,
  name: string,
  value: unknown,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined) return undefined
  const found = allowed.find((candidate) => candidate === value)
  if (found !== undefined) return found
  throw new TypeError(refusal(what, name, `one of ${allowed.join(', ')}`, value))
}

/**
 * Checks that a value is a positive integer.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @returns The value; `undefined` when there is none.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not a positive integer.
 */
export function checkPositiveInteger(what: string, name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  const message = refusal(what, name, 'a positive integer', value)
  if (typeof value !== 'number') throw new TypeError(message)
  if (!Number.isInteger(value) || value < 1) throw new RangeError(message)
  return value
}

/**
 * Checks that a value is a number in a range.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @param range - Least and most; both may be the number.
 * @returns The value; `undefined` when there is none.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not finite, or out of range.
 */
export function checkNumber(
  what: string,
  name: string,
  value: unknown,
  [least, most]: readonly [number, number],
): number | undefined {
  if (value === undefined) return undefined
  const rule = most === Infinity ? `a number from ${least}` : `a number from ${least} to ${most}`
  const message = refusal(what, name, rule, value)
  if (typeof value !== 'number') throw new TypeError(message)
  if (!(value >= least && value <= most && Number.isFinite(value))) throw new RangeError(message)
  return value
}

/** A type that can only be told at run time. */
export interface ValueType {
  /** The type in words, for the message. */
  readonly words: string
  readonly has: (value: unknown) => boolean
}

/**
 * Checks that a value really has the type that it is declared with: callers may not use TypeScript.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @returns The value; `undefined` when there is none.
 * @throws {TypeError} If it has another type.
 */
export function checkType<T>(
  what: string,
  name: string,
  value: T | undefined,
  type: 'string' | 'boolean' | 'function' | ValueType,
): T | undefined {
  const { words, has }: ValueType =
    typeof type === 'object'
      ? type
      : { words: type === 'boolean' ? 'true or false' : `a ${type}`, has: (given) => typeof given === type }
  if (value === undefined || has(value)) return value
  throw new TypeError(refusal(what, name, words, value))
}

/** What is used of a signal. It may come from another realm, so that its class says nothing. */
const SIGNAL_MEMBERS = ['aborted', 'reason', 'addEventListener', 'removeEventListener', 'throwIfAborted']

/**
 * Checks the option `signal`.
 *
 * @param what - The call, for the message.
 * @returns The signal; `undefined` when there is none.
 * @throws {TypeError} If it cannot be used as one.
 */
export function checkSignal(what: string, signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined) return signal
  if (Object(signal) === signal && SIGNAL_MEMBERS.every((member) => member in signal)) return signal
  throw new TypeError(refusal(what, 'signal', 'an AbortSignal', signal))
}

function refusal(what: string, name: string, rule: string, value: unknown): string {
  return `Cannot ${what} as ${name} must be ${rule}: current value is ${show(value)}`
}
