import { spearman } from '@nestling/evaluate'

/** How far the scores of short vectors are from those of full ones. */
export interface MatrixChange {
  /** Differences of all cells. */
  readonly differences: Float32Array
  /** Mean of their sizes over pairs of two texts; 0 where there is no pair. */
  readonly mean: number
  /** The largest. */
  readonly largest: number
  /** Spearman correlation of the pairs' order: 1 for the same order; NaN for fewer than two pairs. */
  readonly order: number
}

/**
 * Compares two matrices of scores.
 *
 * @param full - Scores of full vectors, row after row.
 * @param cut - Scores of short ones.
 * @param count - Rows.
 * @returns How far they are apart.
 */
export function matrixChange(full: Float32Array, cut: Float32Array, count: number): MatrixChange {
  const differences = cut.map((value, index) => value - (full[index] ?? 0))
  const before: number[] = []
  const after: number[] = []
  for (let row = 0; row < count; row++) {
    for (let column = row + 1; column < count; column++) {
      before.push(full[row * count + column] ?? 0)
      after.push(cut[row * count + column] ?? 0)
    }
  }
  const sizes = before.map((value, index) => Math.abs(value - (after[index] ?? 0)))
  const mean = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length)
  return {
    differences,
    mean,
    largest: Math.max(0, ...sizes),
    order: before.length < 2 ? NaN : spearman(before, after),
  }
}
