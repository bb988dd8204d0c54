import { checkEqualLengths } from './check-metric.js'

/**
 * Computes Matthews' correlation of labels and predictions.
 *
 * @param labels - 1 for similar pairs, 0 for others.
 * @param predictions - What was predicted, in the same way.
 * @returns From -1 to 1; 0 where all labels or all predictions are equal, as in scikit-learn.
 * @throws {RangeError} If the lists differ in length.
 * @see `sklearn.metrics.matthews_corrcoef`
 */
export function matthewsCorrcoef(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  checkEqualLengths('matthewsCorrcoef', labels, predictions)
  let [both, labelled, predicted] = [0, 0, 0]
  for (let index = 0; index < labels.length; index++) {
    if (labels[index] === 1) labelled++
    if (predictions[index] === 1) predicted++
    if (labels[index] === 1 && predictions[index] === 1) both++
  }
  const total = labels.length
  const spread = labelled * (total - labelled) * predicted * (total - predicted)
  return spread === 0 ? 0 : (both * total - labelled * predicted) / Math.sqrt(spread)
}
