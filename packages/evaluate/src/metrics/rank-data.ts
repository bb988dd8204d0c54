import { sortedIndicesSteps } from '../run/sorted-indices.js'
import type { Steps } from '../run/steps.js'

/**
 * Ranks numbers from 1, the smallest first; equal ones all get the mean of their ranks.
 *
 * @param values - Numbers, none of them NaN.
 * @returns Steps that end in a rank a number.
 * @see `scipy.stats.rankdata`
 */
export function* rankDataSteps(values: ArrayLike<number>): Steps<Float64Array> {
  const at = (place: number): number => values[place] as number
  // A difference would be NaN for two infinities.
  const order = yield* sortedIndicesSteps(values.length, (a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0))
  const ranks = new Float64Array(values.length)
  for (let start = 0, end = 0; start < order.length; start = end) {
    const value = at(order[start] as number)
    while (end < order.length && at(order[end] as number) === value) end++
    // Ranks start + 1 to end have this mean.
    const rank = (start + 1 + end) / 2
    for (let place = start; place < end; place++) ranks[order[place] as number] = rank
  }
  return ranks
}
