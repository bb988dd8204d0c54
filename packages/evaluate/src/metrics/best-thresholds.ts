import { finishSteps } from '@nestling/kit/calls/run-steps'
import { scoreGroupsSteps, thresholdAfter, type ScoreGroup } from './labelled-scores.js'

/** The threshold that gives the best accuracy. */
export interface BestAccuracy {
  /** Share of pairs on the right side of the threshold, 0 to 1. */
  readonly accuracy: number
  /** Score from which on pairs are called similar. */
  readonly threshold: number
}

/** The threshold that gives the best F1. */
export interface BestF1 {
  /** Harmonic mean of precision and recall, 0 to 1. */
  readonly f1: number
  /** Share of what is called similar that is, 0 to 1. */
  readonly precision: number
  /** Share of what is similar that is called so, 0 to 1. */
  readonly recall: number
  /** Score from which on pairs are called similar. */
  readonly threshold: number
}

/**
 * Finds the threshold that puts most pairs on the right side.
 *
 * @param scores - A score a pair; thresholds are float32 where this is a `Float32Array`.
 * @param labels - 1 for similar pairs, 0 for others.
 * @param highScoreMoreSimilar - `false` for distances.
 * @returns The best threshold, the strictest of equal ones; -1 where there are no pairs, as in Python.
 * @throws {RangeError} If the lists differ in length or a label is neither 0 nor 1.
 * @see `BinaryClassificationEvaluator.find_best_acc_and_threshold`
 */
export function findBestAccAndThreshold(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  highScoreMoreSimilar: boolean,
): BestAccuracy {
  const groups = finishSteps(scoreGroupsSteps('findBestAccAndThreshold', scores, labels, highScoreMoreSimilar))
  return bestAccuracy(groups, scores instanceof Float32Array, highScoreMoreSimilar)
}

/**
 * Finds the threshold with the best F1.
 *
 * @param scores - A score a pair; thresholds are float32 where this is a `Float32Array`.
 * @param labels - 1 for similar pairs, 0 for others.
 * @param highScoreMoreSimilar - `false` for distances.
 * @returns The best threshold, the strictest of equal ones; all is 0 where no label is 1, as in Python.
 * @throws {RangeError} If the lists differ in length or a label is neither 0 nor 1.
 * @see `BinaryClassificationEvaluator.find_best_f1_and_threshold`
 */
export function findBestF1AndThreshold(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  highScoreMoreSimilar: boolean,
): BestF1 {
  const groups = finishSteps(scoreGroupsSteps('findBestF1AndThreshold', scores, labels, highScoreMoreSimilar))
  return bestF1(groups, scores instanceof Float32Array)
}

/**
 * Does what {@link findBestAccAndThreshold} does with pairs that are in order.
 *
 * @param groups - Groups of equal score.
 * @param isFloat32 - Whether scores are float32.
 * @param highScoreMoreSimilar - `false` for distances.
 */
export function bestAccuracy(
  groups: readonly ScoreGroup[],
  isFloat32: boolean,
  highScoreMoreSimilar: boolean,
): BestAccuracy {
  const [first, last] = [groups[0], groups.at(-1)]
  if (first === undefined || last === undefined) return { accuracy: 0, threshold: -1 }
  const negatives = last.total - last.positives
  // To begin with, nothing is called similar.
  let accuracy = negatives / last.total
  let threshold = nextNumber(first.score, isFloat32, highScoreMoreSimilar)
  for (const group of groups) {
    const correct = group.positives + negatives - (group.total - group.positives)
    if (correct / last.total <= accuracy) continue
    accuracy = correct / last.total
    threshold = thresholdAfter(group, isFloat32)
  }
  return { accuracy, threshold }
}

/**
 * Does what {@link findBestF1AndThreshold} does with pairs that are in order.
 *
 * @param groups - Groups of equal score.
 * @param isFloat32 - Whether scores are float32.
 */
export function bestF1(groups: readonly ScoreGroup[], isFloat32: boolean): BestF1 {
  const positives = groups.at(-1)?.positives ?? 0
  let best: BestF1 = { f1: 0, precision: 0, recall: 0, threshold: 0 }
  for (const group of groups) {
    if (group.positives === 0) continue
    const precision = group.positives / group.total
    const recall = group.positives / positives
    const f1 = (2 * precision * recall) / (precision + recall)
    if (f1 > best.f1) best = { f1, precision, recall, threshold: thresholdAfter(group, isFloat32) }
  }
  return best
}

/** The number that follows, above or below, as `numpy.nextafter` gives it. */
function nextNumber(value: number, isFloat32: boolean, isUpwards: boolean): number {
  if (!Number.isFinite(value)) return value
  if (value === 0) return (isUpwards ? 1 : -1) * (isFloat32 ? 2 ** -149 : Number.MIN_VALUE)
  const view = new DataView(new ArrayBuffer(8))
  // Bits of a float count up with its absolute value.
  const step = value > 0 === isUpwards ? 1 : -1
  if (isFloat32) {
    view.setFloat32(0, value)
    view.setInt32(0, view.getInt32(0) + step)
    return view.getFloat32(0)
  }
  view.setFloat64(0, value)
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(step))
  return view.getFloat64(0)
}
