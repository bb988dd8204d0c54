/** Key of a record: texts and numbers, of which the first ones name what it belongs to. */
export type RecordKey = (string | number)[]

/**
 * Compares keys as IndexedDB does.
 *
 * @see {@link https://w3c.github.io/IndexedDB/#key-construct | Indexed Database API: keys}
 */
export function compareKeys(a: RecordKey, b: RecordKey): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    if (right === undefined) return 1
    if (left === right) continue
    if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1
    return left < right ? -1 : 1
  }
  return a.length - b.length
}
