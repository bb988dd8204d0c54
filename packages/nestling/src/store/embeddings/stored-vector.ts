/** A vector as the model gave it, cut and neither scaled nor quantised, and what is told of its text. */
export interface StoredVector {
  readonly vector: Float32Array
  /** Tokens of the text before anything was cut. */
  readonly tokenCount: number
}

/** A text that is looked for. */
export interface WantedVector {
  /** Digest of the text, by `digestText`. */
  readonly digest: string
  /** Components that are needed; a shorter vector does not count. */
  readonly dim: number
}
