import { sortedIndicesSteps } from '../run/sorted-indices.js'
import type { Steps } from '../run/steps.js'
import { checkEqualLengths } from './check-metric.js'

/** Pairs of equal score. */
export interface ScoreGroup {
  /** The score. */
  readonly score: number
  /** The score of the next group; `undefined` in the last one. */
  readonly nextScore: number | undefined
  /** Pairs with the label 1 up to the end of this group. */
  readonly positives: number
  /** Pairs up to the end of this group. */
  readonly total: number
}

/**
 * Puts labelled pairs in order, those that are said to be most similar first; no threshold can part what has one score.
 *
 * @param what - The call, for messages.
 * @param labels - 1 for similar pairs, 0 for others.
 * @param highScoreMoreSimilar - `false` for distances.
 * @returns Steps that end in the groups.
 * @throws {RangeError} If the lists differ in length or a label is neither 0 nor 1.
 */
export function* scoreGroupsSteps(
  what: string,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  highScoreMoreSimilar: boolean,
): Steps<readonly ScoreGroup[]> {
  checkEqualLengths(what, scores, labels)
  for (let index = 0; index < labels.length; index++) checkLabel(what, labels[index])
  const sign = highScoreMoreSimilar ? -1 : 1
  const at = (index: number): number => scores[index] as number
  const order = yield* sortedIndicesSteps(scores.length, (a, b) => sign * Math.sign(at(a) - at(b)))
  const groups: ScoreGroup[] = []
  let positives = 0
  for (const [place, index] of order.entries()) {
    positives += labels[index] as number
    const next = order[place + 1]
    const nextScore = next === undefined ? undefined : at(next)
    if (nextScore === at(index)) continue
    groups.push({ score: at(index), nextScore, positives, total: place + 1 })
  }
  return groups
}

/**
 * Finds a threshold between a group and the next one, in the precision of the scores, as numpy computes.
 *
 * @param isFloat32 - Whether scores are float32.
 * @returns The middle; the score itself where there is no next group or no number in between.
 */
export function thresholdAfter({ score, nextScore }: ScoreGroup, isFloat32: boolean): number {
  if (nextScore === undefined) return score
  const middle = isFloat32 ? Math.fround(Math.fround(score + nextScore) / 2) : (score + nextScore) / 2
  return middle === nextScore ? score : middle
}

function checkLabel(what: string, label: unknown): void {
  if (label === 0 || label === 1) return
  throw new RangeError(`Cannot compute ${what} as labels must be 0 or 1: current value is ${String(label)}`)
}
