import { finishSteps } from '@nestling/kit/calls/run-steps'
import { scoreGroupsSteps, type ScoreGroup } from './labelled-scores.js'

/**
 * Computes the average precision: the mean of the precision at each threshold, weighted by the growth of recall.
 *
 * @param labels - 1 for similar pairs, 0 for others.
 * @param scores - A score a pair; higher means more similar. Give distances with the opposite sign.
 * @returns From 0 to 1; 0 where no label is 1, as in scikit-learn.
 * @throws {RangeError} If the lists differ in length or a label is neither 0 nor 1.
 * @see `sklearn.metrics.average_precision_score`
 */
export function averagePrecision(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  return averagePrecisionOf(finishSteps(scoreGroupsSteps('averagePrecision', scores, labels, true)))
}

/**
 * Does what {@link averagePrecision} does with pairs that are in order.
 *
 * @param groups - Groups of equal score.
 * @returns From 0 to 1.
 */
export function averagePrecisionOf(groups: readonly ScoreGroup[]): number {
  const all = groups.at(-1)?.positives ?? 0
  if (all === 0) return 0
  let sum = 0
  let before = 0
  for (const { positives, total } of groups) {
    sum += ((positives - before) / all) * (positives / total)
    before = positives
  }
  return sum
}
