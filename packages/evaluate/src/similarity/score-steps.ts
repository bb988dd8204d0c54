import type { FloatRows } from '@nestling/kit/math/float-rows'
import { createRowScorer, rowsOfStep } from '@nestling/kit/math/row-scorer'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import type { Steps } from '../run/steps.js'

/** The products of a cosine: its own, and those of the two lengths, which are computed when they are first needed. */
const PRODUCTS_OF_PAIR = 3

/**
 * Compares row `i` of `a` with row `i` of `b`.
 *
 * Shape: `[count, dim]` twice to `[count]`. Sums are float64, scores float32: what is a tie in Python is one here.
 *
 * @param name - The similarity function; distances are negative.
 * @param b - As many rows of the same length.
 * @returns Steps that end in the scores.
 * @see `sentence_transformers.util.pairwise_cos_sim`, `pairwise_dot_score`, `pairwise_euclidean_sim`, `pairwise_manhattan_sim`
 */
export function* pairwiseScoresSteps(name: SimilarityFunction, a: FloatRows, b: FloatRows): Steps<Float32Array> {
  const score = createRowScorer(name, a, b)
  const scores = new Float32Array(a.count)
  const step = rowsOfStep(PRODUCTS_OF_PAIR * a.dim)
  for (let row = 0; row < a.count; row++) {
    score(row, row, row + 1, scores)
    if ((row + 1) % step === 0) yield
  }
  return scores
}

/**
 * Compares rows of `a` with every row of `b`, one after another, so that nobody has to hold all scores.
 *
 * @param name - The similarity function; distances are negative.
 * @param b - Rows of the same length.
 * @returns A function. It gives the scores of row `i` of `a` in steps; the next call overwrites them.
 * @see `sentence_transformers.util.cos_sim`, `dot_score`, `euclidean_sim`, `manhattan_sim`
 */
export function rowScores(name: SimilarityFunction, a: FloatRows, b: FloatRows): (i: number) => Steps<Float32Array> {
  const score = createRowScorer(name, a, b)
  const scores = new Float32Array(b.count)
  const step = rowsOfStep(b.dim)
  return function* (i) {
    for (let start = 0; start < b.count; start += step) {
      score(i, start, Math.min(start + step, b.count), scores)
      yield
    }
    return scores
  }
}
