import { show } from '@nestling/kit/options/show'
import { isPlainObject, isThenable } from '@nestling/kit/options/value-kinds'
import type { MetadataValue } from './protocol.js'

/** Deepest nesting: structured clones and `JSON.stringify` of browsers end in a stack overflow between 2000 and 5000 levels. */
export const MAX_JSON_DEPTH = 500

/** Most values of one document: what is named in two places is twice in a file, and so doubles with each level. Copying takes 20 ms. */
const MAX_VALUES = 100_000

/** Longest path in a message. */
const PATH_LENGTH = 200

/**
 * Copies data that JSON can say, so that memory, store and file hold the same: nothing is changed on the way, and what would be is
 * refused. Reactive proxies of plain data are read through. Members that are `undefined` are left out, as JSON has none.
 *
 * @param what - The call, for the message.
 * @param path - Where the value is, for the message.
 * @param value - What the caller gave.
 * @returns Plain data of its own.
 * @throws {TypeError} If JSON has no word for a value in it, or it has a cycle.
 * @throws {RangeError} If it is nested more than {@link MAX_JSON_DEPTH} levels deep, or has more than 100,000 values.
 */
export function copyJson(what: string, path: string, value: unknown): MetadataValue {
  return new JsonCopy(what, path).of(value)
}

/** One copy: where it is, and what it is inside of. */
class JsonCopy {
  readonly #what: string
  readonly #path: string
  readonly #keys: (string | number | symbol)[] = []
  readonly #above = new Set<object>()
  #values = 0

  constructor(what: string, path: string) {
    this.#what = what
    this.#path = path
  }

  of(value: unknown): MetadataValue {
    if (++this.#values > MAX_VALUES) throw this.#tooMuch(`at most ${MAX_VALUES} values`, 'more')
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number' && Number.isFinite(value)) return value
    if (typeof value !== 'object') throw this.#refusal(value)
    if (this.#above.has(value)) throw this.#refusal(value, 'part of itself')
    if (this.#keys.length >= MAX_JSON_DEPTH) throw this.#tooMuch(`at most ${MAX_JSON_DEPTH} levels`, 'a deeper one')
    this.#above.add(value)
    const copy = Array.isArray(value) ? this.#list(value) : this.#record(value)
    this.#above.delete(value)
    return copy
  }

  #list(values: readonly unknown[]): MetadataValue[] {
    const copy: MetadataValue[] = []
    // A hole is read as `undefined`, which is refused.
    for (let index = 0; index < values.length; index++) copy.push(this.#at(index, values[index]))
    // The groups of a regular expression's match are such members.
    const extra = Object.keys(values)[values.length]
    if (extra !== undefined) {
      this.#keys.push(extra)
      throw this.#refusal(
        (values as unknown as Record<string, unknown>)[extra],
        'a member of a list beside its elements',
      )
    }
    return copy
  }

  #record(value: object): MetadataValue {
    if (!isPlainObject(value)) throw this.#refusal(value)
    const symbol = enumerableSymbolOf(value)
    if (symbol !== undefined) {
      this.#keys.push(symbol)
      throw this.#refusal((value as Record<symbol, unknown>)[symbol], 'a member that is named by a symbol')
    }
    const members: [string, MetadataValue][] = []
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) members.push([key, this.#at(key, member)])
    }
    // Not by assignment, which would take a member __proto__ for the prototype.
    return Object.fromEntries(members)
  }

  #at(key: string | number, value: unknown): MetadataValue {
    this.#keys.push(key)
    const copy = this.of(value)
    this.#keys.pop()
    return copy
  }

  get #place(): string {
    const place = this.#keys.reduce((path: string, key) => path + stepOf(key), this.#path)
    return place.length > PATH_LENGTH ? `${place.slice(0, PATH_LENGTH)}…` : place
  }

  #refusal(value: unknown, shown: string = show(value)): TypeError {
    const hint = this.#above.has(value as object) ? 'Leave it out, or name what it points to' : hintFor(value)
    return new TypeError(
      `Cannot ${this.#what} as ${this.#place} must be what JSON can say: current value is ${shown}\n${hint}`,
    )
  }

  #tooMuch(rule: string, shown: string): RangeError {
    return new RangeError(
      `Cannot ${this.#what} as ${this.#path} must have ${rule}: current value is ${shown}, ${this.#place}\nKeep it elsewhere, by the id of the document`,
    )
  }
}

/**
 * Finds a member that JSON and structured clones leave out without a word.
 *
 * @param value - An object.
 * @returns A symbol that names a member; those of libraries that observe objects are not enumerable.
 */
export function enumerableSymbolOf(value: object): symbol | undefined {
  const symbols = Object.getOwnPropertySymbols(value)
  return symbols.find((key) => Object.prototype.propertyIsEnumerable.call(value, key))
}

/** Writes data that {@link copyJson} gave, with the one number that `JSON.stringify` changes: -0. */
export function toJson(data: MetadataValue): string {
  if (Object.is(data, -0)) return '-0'
  if (typeof data !== 'object' || data === null) return JSON.stringify(data)
  if (isList(data)) return `[${data.map(toJson).join(',')}]`
  return `{${Object.entries(data)
    .map(([key, member]) => `${JSON.stringify(key)}:${toJson(member)}`)
    .join(',')}}`
}

/** Tells whether two values are the same in JSON, the order of members included. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return Object.is(one, other)
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const others = Object.entries(other)
  return (
    Object.keys(one).length === others.length &&
    Object.entries(one).every(([key, member], place) => {
      const [name, value] = others[place] as [string, unknown]
      return key === name && isSameJson(member, value)
    })
  )
}

function isList(data: object): data is readonly MetadataValue[] {
  return Array.isArray(data)
}

/** Writes a step of a path, for messages. */
export function stepOf(key: string | number | symbol): string {
  if (typeof key === 'symbol') return `[${String(key)}]`
  if (typeof key === 'number') return `[${key}]`
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function hintFor(value: unknown): string {
  if (typeof value === 'bigint') return 'Keep a bigint as a text: String(value)'
  if (typeof value === 'number' || value === undefined) return 'Use null, or leave it out'
  if (value instanceof Date) return 'Keep a date as a text or a number: toISOString(), getTime()'
  if (value instanceof Map) return 'Keep a map as an object or a list: Object.fromEntries(map), [...map]'
  if (value instanceof Set || ArrayBuffer.isView(value)) return 'Keep it as a list: Array.from(value)'
  if (isThenable(value)) return 'Await it first'
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return 'Keep it as a plain object: { ...value }, or what its toJSON() gives'
  }
  return 'Leave it out'
}
