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
 * @param allowed - The values there are; the first is the default.
 * @returns The value, or the default.
 * @throws {TypeError} If it is another value.
 */
export function checkOneOf<const T extends string>(
  what: string,
  name: string,
  value: unknown,
  allowed: readonly [T, ...T[]],
): T {
  if (value === undefined) return allowed[0]
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
 * Checks that a value has a type that `typeof` or `instanceof` tells.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @param value - What the caller gave.
 * @param expected - The type in words.
 * @param isExpected - Whether a value has the type.
 * @returns The value; `undefined` when there is none.
 * @throws {TypeError} If it has another type.
 */
export function checkType<T>(
  what: string,
  name: string,
  value: unknown,
  expected: string,
  isExpected: (value: unknown) => value is T,
): T | undefined {
  if (value === undefined || isExpected(value)) return value
  throw new TypeError(`Cannot ${what} as ${name} must be ${expected}: current value is ${show(value)}`)
}

/**
 * Shows a value in a message, short enough for one line.
 *
 * @param value - Anything.
 * @returns Its text.
 */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/**
 * Tells whether a value can be called with an event.
 *
 * @param value - Anything.
 * @returns Whether it is a function; which events it takes, only the caller knows.
 */
export function isListener<T>(value: unknown): value is (event: T) => void {
  return typeof value === 'function'
}

/**
 * Tells whether a value is an abort signal, also one of another realm.
 *
 * @param value - Anything.
 * @returns Whether it has what we use of one.
 */
export function isAbortSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}
