/** Vectors of one length as float32, row after row; nestling's `Embeddings` are such. */
export interface FloatRows {
  /** Values, row-major: `[count, dim]`. */
  readonly data: Float32Array
  /** Number of vectors. */
  readonly count: number
  /** Components of a vector. */
  readonly dim: number
}
