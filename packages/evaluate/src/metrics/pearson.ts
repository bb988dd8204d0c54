import { finishSteps } from '@nestling/kit/calls/run-steps'
import type { Steps } from '../run/steps.js'
import { checkEqualLengths } from './check-metric.js'

/** Values between two stops: 0.1 ms, and ten times that before the loops are compiled. */
const STEP_SIZE = 20_000

/**
 * Computes Pearson's correlation of two lists.
 *
 * @param x - Numbers, at least two.
 * @param y - As many numbers.
 * @returns From -1 to 1; NaN, as in scipy, where a list is constant or has a value that is not finite.
 * @throws {RangeError} If the lists differ in length or have fewer than two numbers.
 * @see `scipy.stats.pearsonr`
 */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return finishSteps(pearsonSteps(x, y))
}

/**
 * Does what {@link pearson} does in steps.
 *
 * @param x - Numbers, at least two.
 * @param y - As many numbers.
 * @returns Steps that end in the correlation.
 * @throws {RangeError} If the lists differ in length or have fewer than two numbers.
 */
export function* pearsonSteps(x: ArrayLike<number>, y: ArrayLike<number>): Steps<number> {
  checkEqualLengths('pearson', x, y)
  if (x.length < 2) {
    throw new RangeError(
      `Cannot compute pearson as lists must have at least two numbers: current length is ${x.length}`,
    )
  }
  const left = yield* standardSteps(x)
  const right = yield* standardSteps(y)
  if (left === undefined || right === undefined) return NaN
  let sum = 0
  for (let index = 0; index < left.length; index++) sum += (left[index] as number) * (right[index] as number)
  // Rounding may lead beyond.
  return Math.max(-1, Math.min(1, sum))
}

/** Moves values around 0 and scales them to length 1; `undefined` for a constant list, which has no direction. */
function* standardSteps(values: ArrayLike<number>): Steps<Float64Array | undefined> {
  const moved = Float64Array.from(values)
  const first = moved[0] as number
  if (moved.every((value) => value === first)) return undefined
  yield
  const mean = yield* sumSteps(moved, (value) => value / moved.length)
  let largest = 0
  for (let index = 0; index < moved.length; index++) {
    const value = (moved[index] as number) - mean
    moved[index] = value
    // Math.max keeps NaN, which a comparison would drop.
    largest = Math.max(largest, Math.abs(value))
  }
  // As scipy does, so that squares neither overflow nor vanish.
  const length = largest * Math.sqrt(yield* sumSteps(moved, (value) => (value / largest) ** 2))
  for (let index = 0; index < moved.length; index++) moved[index] = (moved[index] as number) / length
  return moved
}

function* sumSteps(values: Float64Array, term: (value: number) => number): Steps<number> {
  let sum = 0
  for (let index = 0; index < values.length; index++) {
    sum += term(values[index] as number)
    if ((index + 1) % STEP_SIZE === 0) yield
  }
  return sum
}
