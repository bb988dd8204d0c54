/** What is known of the texts of a block: small, so that a store finds its texts without reading vectors. */
export interface StoredBlockIndex {
  /** Components of each vector. */
  readonly dim: number
  /** Digests of the texts, packed: 16 bytes each. */
  readonly digests: Uint8Array<ArrayBuffer>
  /** Tokens of each text before anything was cut. */
  readonly tokenCounts: Int32Array<ArrayBuffer>
  /** Digest of all that the block holds, its partition included, which tells a damaged block. */
  readonly checksum: string
}

/** What vectors of one partition have in common: nothing else may be answered from it. */
export interface StoredPartition {
  readonly spaceId: string
  /** Name of the model, for people. */
  readonly model: string
  readonly prompt: string
  readonly maxSeqLength: number
  /** Engine and dtype, and the device where that matters. */
  readonly numerics: string
  /** What was done with texts that are too long. */
  readonly onTruncate: 'truncate' | 'chunk'
}
