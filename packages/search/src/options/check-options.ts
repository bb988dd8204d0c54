import { isPlainObject, isThenable } from './value-kinds.js'

/** Which keys an options object may have; a compile-time check keeps it complete. */
export type KnownKeys<T> = { readonly [K in keyof T]-?: true }

/**
 * Refuses options that do not exist: a misspelt one would silently do nothing.
 *
 * @param what - The call, for the message.
 * @param options - What the caller gave.
 * @param known - The keys there are.
 * @throws {TypeError} If `options` is not an object or has another key.
 */
export function checkKeys<T>(what: string, options: T, known: KnownKeys<T>): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Cannot ${what} as options must be an object: current value is ${String(options)}`)
  }
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(known, key))
  if (unknown === undefined) return
  throw new TypeError(`Cannot ${what} as ${unknown} is not an option: the options are ${Object.keys(known).join(', ')}`)
}

/**
 * Checks that a value is one of a list.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @param value - What the caller gave.
 * @param allowed - The values there are.
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
  throw new TypeError(`Cannot ${what} as ${name} must be one of ${allowed.join(', ')}: current value is ${show(value)}`)
}

/**
 * Checks that a value is a positive integer.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @param value - What the caller gave.
 * @returns The value; `undefined` when there is none.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not a positive integer.
 */
export function checkPositiveInteger(what: string, name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  const message = `Cannot ${what} as ${name} must be a positive integer: current value is ${show(value)}`
  if (typeof value !== 'number') throw new TypeError(message)
  if (!Number.isInteger(value) || value < 1) throw new RangeError(message)
  return value
}

/**
 * Checks that a value has a primitive type.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @param value - What the caller gave.
 * @param type - The type it must have.
 * @returns The value; `undefined` when there is none.
 * @throws {TypeError} If it has another type.
 */
export function checkType<T>(
  what: string,
  name: string,
  value: T | undefined,
  type: 'string' | 'boolean' | 'function',
): T | undefined {
  if (value === undefined || typeof value === type) return value
  const words = type === 'boolean' ? 'true or false' : `a ${type}`
  throw new TypeError(`Cannot ${what} as ${name} must be ${words}: current value is ${show(value)}`)
}

/**
 * Checks a signal by what is used of one: it may come from another realm.
 *
 * @param what - The call, for the message.
 * @param signal - What the caller gave.
 * @throws {TypeError} If it is none.
 */
export function checkSignal(what: string, signal: unknown): void {
  if (signal === undefined) return
  if (typeof signal === 'object' && signal !== null && 'aborted' in signal && 'throwIfAborted' in signal) return
  throw new TypeError(`Cannot ${what} as signal must be an AbortSignal: current value is ${show(signal)}`)
}

/**
 * Shows a value in a message, short enough for one line: what it is where it has no short text.
 *
 * @param value - Anything.
 * @returns Its text.
 */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  if (isThenable(value)) return 'a promise'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (isPlainObject(value)) return 'an object'
  const { constructor } = value as { readonly constructor?: unknown }
  const name = typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'class of your own'
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}
