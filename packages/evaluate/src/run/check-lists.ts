import { show } from '@nestling/kit/options/show'

/**
 * Checks a list.
 *
 * @param what - The call, for the message.
 * @param name - The option.
 * @param values - What the caller gave.
 * @param type - Type of its elements.
 * @returns A copy.
 * @throws {TypeError} If it is not a list or has an element of another type.
 * @throws {RangeError} If it is empty.
 */
export function checkList<T>(
  what: string,
  name: string,
  values: Iterable<T> | undefined,
  type: 'string' | 'number',
): readonly T[] {
  if (typeof values !== 'object' || !(Symbol.iterator in values)) {
    throw new TypeError(`Cannot ${what} as ${name} must be a list: current value is ${show(values)}`)
  }
  const list = Array.from(values)
  if (list.length === 0) throw new RangeError(`Cannot ${what} as ${name} must not be empty: current length is 0`)
  const wrong = list.findIndex((value) => typeof value !== type)
  if (wrong === -1) return list
  throw new TypeError(
    `Cannot ${what} as ${name} must be a list of ${type}s: current value at index ${wrong} is ${show(list[wrong])}`,
  )
}

/**
 * Checks that lists have one entry for each pair.
 *
 * @param what - The call, for the message.
 * @param lists - Lists by the name of their option.
 * @throws {RangeError} If their lengths differ.
 */
export function checkLengths(what: string, lists: Readonly<Record<string, readonly unknown[]>>): void {
  const lengths = Object.values(lists).map(({ length }) => length)
  if (new Set(lengths).size <= 1) return
  const names = Object.keys(lists).join(', ')
  throw new RangeError(`Cannot ${what} as ${names} must be of one length: current lengths are ${lengths.join(', ')}`)
}
