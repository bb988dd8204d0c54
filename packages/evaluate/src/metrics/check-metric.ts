/**
 * Makes sure that two lists belong together.
 *
 * @param what - The call, for the message.
 * @param a - One list.
 * @param b - The other.
 * @throws {RangeError} If their lengths differ.
 */
export function checkEqualLengths(what: string, a: ArrayLike<unknown>, b: ArrayLike<unknown>): void {
  if (a.length === b.length) return
  throw new RangeError(
    `Cannot compute ${what} as both lists must be of one length: current lengths are ${a.length} and ${b.length}`,
  )
}

/**
 * Makes sure that a cut-off is one.
 *
 * @param what - The call, for the message.
 * @param k - How many results count.
 * @throws {RangeError} If it is not a positive integer.
 */
export function checkK(what: string, k: number): void {
  if (Number.isInteger(k) && k > 0) return
  throw new RangeError(`Cannot compute ${what} as k must be a positive integer: current value is ${k}`)
}
