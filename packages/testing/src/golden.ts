/** What Python gives for one model folder; vectors are base64, see {@link decodeFloats}. */
export interface Golden {
  readonly dimension: number
  readonly maxSeqLength: number
  readonly texts: readonly string[]
  readonly tokenIds: readonly (readonly number[])[]
  readonly embeddings: string
  readonly normalized: string
  /** By dim. */
  readonly truncated: Readonly<Record<string, string>>
  /** By dim. */
  readonly truncatedNormalized: Readonly<Record<string, string>>
  /** `similarity(embeddings[0:6], embeddings[6:12])` */
  readonly similarity6x6: string
  /** `similarity_pairwise(embeddings[0:12], embeddings[12:24])` */
  readonly similarityPairwise: string
  /** Embeddings with the prompt "note: ". */
  readonly promptText: string
}

/**
 * Reads numbers as the golden files hold them.
 *
 * @param base64 - Base64 of little-endian float32.
 */
export function decodeFloats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer)
}

/**
 * Measures how far vectors are from the expected ones, as the project's tolerance counts it:
 * the largest |a - b| / max(1, max|row of b|).
 *
 * @param actual - Values, row-major.
 * @param expected - As many values.
 * @param dim - Length of a row.
 * @returns The error; `Infinity` where the numbers of values differ or a value is not a number.
 */
export function worstError(actual: Float32Array, expected: Float32Array, dim: number): number {
  if (actual.length !== expected.length) return Infinity
  let worst = 0
  for (let start = 0; start < expected.length; start += dim) {
    const row = expected.subarray(start, start + dim)
    const scale = row.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
    for (const [index, value] of row.entries()) {
      const error = Math.abs((actual[start + index] ?? NaN) - value) / scale
      worst = Number.isNaN(error) ? Infinity : Math.max(worst, error)
    }
  }
  return worst
}

/**
 * Gives the cosine of each row with the row of the same index.
 *
 * @param a - Values, row-major.
 * @param b - As many values.
 * @param dim - Length of a row.
 */
export function cosines(a: Float32Array, b: Float32Array, dim: number): number[] {
  return Array.from({ length: b.length / dim }, (_, row) => {
    let product = 0
    let squaresA = 0
    let squaresB = 0
    for (let index = row * dim; index < (row + 1) * dim; index++) {
      const [left, right] = [a[index] ?? NaN, b[index] ?? NaN]
      product += left * right
      squaresA += left * left
      squaresB += right * right
    }
    return product / Math.sqrt(squaresA * squaresB)
  })
}
