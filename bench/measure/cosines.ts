/** Texts after each one with which it is compared: near ones and far ones. */
const DISTANCES = [1, 2, 3, 5, 8, 13, 21, 34]

/**
 * Compares vectors with each other. Cosines of pairs tell whether two models agree, also where one of them is a rotation of the other.
 *
 * @param vectors - Shape `[count, dim]`, row-major.
 * @param count - How many vectors.
 * @returns Cosines of each vector with eight others, always the same pairs.
 */
export function pairCosines(vectors: Float32Array, count: number): number[] {
  const dim = vectors.length / count
  const dot = (a: number, b: number): number => {
    let sum = 0
    for (let at = 0; at < dim; at++) sum += (vectors[a * dim + at] ?? NaN) * (vectors[b * dim + at] ?? NaN)
    return sum
  }
  const norms = Array.from({ length: count }, (_, row) => Math.sqrt(dot(row, row)))
  return norms.flatMap((norm, row) =>
    DISTANCES.map((distance) => {
      const other = (row + distance) % count
      return dot(row, other) / (norm * (norms[other] ?? NaN))
    }),
  )
}

/** How far cosines are from the right ones. */
export interface CosineError {
  readonly mean: number
  readonly largest: number
}

/**
 * Compares cosines with the right ones.
 *
 * @param cosines - Cosines of {@link pairCosines}.
 * @param right - Those of the same texts in float32.
 * @returns The differences, without their sign.
 */
export function cosineErrorOf(cosines: readonly number[], right: readonly number[]): CosineError {
  const errors = cosines.map((cosine, index) => Math.abs(cosine - (right[index] ?? NaN)))
  return { mean: errors.reduce((sum, error) => sum + error, 0) / errors.length, largest: Math.max(...errors) }
}
