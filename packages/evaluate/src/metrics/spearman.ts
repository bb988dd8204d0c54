import { finishSteps } from '@nestling/kit/calls/run-steps'
import type { Steps } from '../run/steps.js'
import { checkEqualLengths } from './check-metric.js'
import { pearsonSteps } from './pearson.js'
import { rankDataSteps } from './rank-data.js'

/**
 * Computes Spearman's correlation of two lists: Pearson's of their ranks, where equal numbers share a rank.
 *
 * @param x - Numbers.
 * @param y - As many numbers.
 * @returns From -1 to 1; NaN, as in scipy, where a list is constant, has fewer than two numbers or contains NaN.
 * @throws {RangeError} If the lists differ in length.
 * @see `scipy.stats.spearmanr`
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return finishSteps(spearmanSteps(x, y))
}

/**
 * Does what {@link spearman} does in steps.
 *
 * @param x - Numbers.
 * @param y - As many numbers.
 * @returns Steps that end in the correlation.
 * @throws {RangeError} If the lists differ in length.
 */
export function* spearmanSteps(x: ArrayLike<number>, y: ArrayLike<number>): Steps<number> {
  checkEqualLengths('spearman', x, y)
  if (x.length < 2 || hasNaN(x) || hasNaN(y)) return NaN
  const left = yield* rankDataSteps(x)
  return yield* pearsonSteps(left, yield* rankDataSteps(y))
}

function hasNaN(values: ArrayLike<number>): boolean {
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index])) return true
  }
  return false
}
