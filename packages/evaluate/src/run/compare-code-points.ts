/**
 * Compares two texts by code points, as Python does. JavaScript's `<` compares UTF-16 units, which puts an emoji before U+FF5E.
 *
 * @param b - Another.
 * @returns Negative where `a` comes first.
 */
export function compareCodePoints(a: string, b: string): number {
  const left = a[Symbol.iterator]()
  const right = b[Symbol.iterator]()
  for (;;) {
    const [x, y] = [left.next().value, right.next().value]
    if (x !== y) return (x?.codePointAt(0) ?? -1) - (y?.codePointAt(0) ?? -1)
    if (x === undefined) return 0
  }
}
