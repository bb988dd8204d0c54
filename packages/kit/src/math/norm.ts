/** `torch.nn.functional.normalize` clamps lengths there, so that a zero vector has cosine 0 with everything. */
export const MIN_NORM = 1e-12

/** Computes the length of a vector in float64. */
export function normOf(vector: ArrayLike<number>): number {
  let squares = 0
  for (let index = 0; index < vector.length; index++) {
    const value = vector[index] as number
    squares += value * value
  }
  return Math.sqrt(squares)
}

/**
 * Scales rows to length 1, in place, and gives the same array back.
 *
 * @see `torch.nn.functional.normalize`
 */
export function normalizeRows<T extends Float32Array>(rows: T, dim: number): T {
  for (let start = 0; start < rows.length; start += dim) {
    let squares = 0
    for (let index = start; index < start + dim; index++) squares += (rows[index] as number) ** 2
    const length = Math.max(Math.sqrt(squares), MIN_NORM)
    for (let index = start; index < start + dim; index++) rows[index] = (rows[index] as number) / length
  }
  return rows
}
