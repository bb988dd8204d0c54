import { show } from '@nestling/kit/options/show'

/**
 * Makes sure that two lists belong together.
 *
 * @param what - The call, for the message.
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

/**
 * Gives the first results, each once: a ranking is of documents, and a list of passages may name one several times. Counted twice, it would
 * be found more often than it is there. Tools that keep results by id, as BEIR and ranx do, see the same list; trec_eval refuses such a one.
 *
 * @param what - The call, for the message.
 * @param results - Ids, the best first.
 * @param k - How many to give.
 * @returns At most `k` ids, all different, in the order of their first places.
 * @throws {TypeError} If `results` is not a list.
 */
export function bestOnce<T>(what: string, results: readonly T[], k: number): T[] {
  if (!Array.isArray(results)) {
    throw new TypeError(`Cannot compute ${what} as results must be a list: current value is ${show(results)}`)
  }
  const best = new Set<T>()
  for (const id of results as readonly T[]) {
    best.add(id)
    if (best.size === k) break
  }
  return [...best]
}

/**
 * Makes sure that relevant ids are a set: a list may have one twice.
 *
 * @param what - The call, for the message.
 * @param relevant - Ids that should be found.
 * @throws {TypeError} If they are something else.
 */
export function checkSet(what: string, relevant: ReadonlySet<unknown>): void {
  // By its tag: it may come from another realm, or lie in a reactive proxy.
  if (Object.prototype.toString.call(relevant) === '[object Set]') return
  throw new TypeError(
    `Cannot compute ${what} as relevant must be a Set: current value is ${show(relevant)}\nMake one with new Set(ids)`,
  )
}

/**
 * Makes sure that there is something to find.
 *
 * @param what - The call, for the message.
 * @param relevant - Ids that should be found.
 * @throws {TypeError} If they are no set.
 * @throws {RangeError} If there are none.
 */
export function checkRelevant(what: string, relevant: ReadonlySet<unknown>): void {
  checkSet(what, relevant)
  if (relevant.size > 0) return
  throw new RangeError(`Cannot compute ${what} as something must be relevant: current number is 0`)
}
