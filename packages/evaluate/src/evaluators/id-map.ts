import { show } from '@nestling/kit/options/show'

/** Values by id: a `Map`, or an object. */
export type ById<T> = ReadonlyMap<string, T> | Readonly<Record<string, T>>

/**
 * Reads values by id.
 *
 * @param what - The call, for messages.
 * @param option - Name of the option.
 * @param values - What the caller gave.
 * @returns A map; an object's own order, in which numbers come first, has no meaning to any metric.
 * @throws {TypeError} If it is neither a map nor an object, or a key is no string.
 */
export function toIdMap<T>(what: string, option: string, values: ById<T>): ReadonlyMap<string, T> {
  const given: unknown = values
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`Cannot ${what} as ${option} must be a Map or an object: current value is ${show(given)}`)
  }
  if (isMap(values)) {
    const wrong = [...values.keys()].find((id: unknown) => typeof id !== 'string')
    if (wrong === undefined) return new Map(values)
    throw new TypeError(
      `Cannot ${what} as the keys of ${option} must be strings: current value is ${show(wrong)}\nMake texts of them with String(id)`,
    )
  }
  return new Map(Object.entries(values))
}

/**
 * Reads texts by id.
 *
 * @param what - The call, for messages.
 * @param option - Name of the option.
 * @param texts - What the caller gave.
 * @returns A map of at least one text.
 * @throws {TypeError} If it is neither a map nor an object, or has something else than texts.
 * @throws {RangeError} If it is empty.
 */
export function toTextMap(what: string, option: string, texts: ById<string>): ReadonlyMap<string, string> {
  const map = toIdMap(what, option, texts)
  if (map.size === 0) throw new RangeError(`Cannot ${what} as ${option} must not be empty: current size is 0`)
  for (const [id, text] of map) {
    if (typeof text === 'string') continue
    throw new TypeError(`Cannot ${what} as ${option} must hold strings: current value of ${show(id)} is ${show(text)}`)
  }
  return map
}

function isMap<T>(values: ById<T>): values is ReadonlyMap<string, T> {
  return values instanceof Map
}
