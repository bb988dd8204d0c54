/** Which keys an options object may have; a compile-time check keeps it complete. Those that are internal are in no message. */
export type KnownKeys<T> = { readonly [K in keyof T]-?: true | 'internal' }

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
  const names = Object.keys(known).filter((key) => known[key as keyof T] === true)
  throw new TypeError(`Cannot ${what} as ${unknown} is not an option: the options are ${names.join(', ')}`)
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

/** A type that can only be told at run time. */
export interface ValueType {
  /** The type in words, for the message. */
  readonly words: string
  /** Whether a value has it. */
  readonly has: (value: unknown) => boolean
}

/** Types that options have. */
export const VALUE_TYPES: Readonly<
  Record<'boolean' | 'string' | 'function' | 'signal' | 'worker' | 'matrix', ValueType>
> = {
  boolean: { words: 'true or false', has: (value) => typeof value === 'boolean' },
  string: { words: 'a string', has: (value) => typeof value === 'string' },
  function: { words: 'a function', has: (value) => typeof value === 'function' },
  // By what we use of one: it may come from another realm.
  signal: {
    words: 'an AbortSignal',
    has: (value) => typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value,
  },
  // By its fields: it may be a structured clone.
  matrix: {
    words: 'a float32 Matrix',
    has: (value) =>
      typeof value === 'object' &&
      value !== null &&
      'data' in value &&
      value.data instanceof Float32Array &&
      'shape' in value &&
      Array.isArray(value.shape),
  },
  worker: {
    words: 'a Worker or a function that gives one',
    has: (value) => typeof value === 'function' || (typeof Worker !== 'undefined' && value instanceof Worker),
  },
}

/**
 * Checks that a value really has the type that it is declared with: callers may not use TypeScript.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @param value - What the caller gave.
 * @param type - The type it must have.
 * @returns The value; `undefined` when there is none.
 * @throws {TypeError} If it has another type.
 */
export function checkType<T>(what: string, name: string, value: T | undefined, type: ValueType): T | undefined {
  if (value === undefined || type.has(value)) return value
  throw new TypeError(`Cannot ${what} as ${name} must be ${type.words}: current value is ${show(value)}`)
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
