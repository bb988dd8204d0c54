/** What an embedder counts. */
export interface EmbedderStats {
  /** Of the embedding cache; all 0 where `load` was not told to keep embeddings. */
  readonly embeddings: EmbeddingStats
}

/** How the embedding cache does. */
export interface EmbeddingStats {
  /** Texts that were answered without encoding them, since the worker was started. */
  readonly hits: number
  /** Texts that had to be encoded and were kept, since the worker was started. */
  readonly misses: number
  /** Vectors that are stored, those of other models too. */
  readonly storedVectors: number
  /** Bytes that they take. */
  readonly sizeBytes: number
}
