/** Indices of texts that run together. */
export type BatchPlan = readonly (readonly number[])[]

/** Limits of a batch. */
export interface BatchLimits {
  /** Most texts. */
  readonly batchSize: number
  /** Most tokens, padding included; a single text may exceed it. */
  readonly tokenBudget: number
}

/** Share of a batch that may be padding; a few tokens more, as one run with some padding beats two tiny runs. */
const maxPadding = (tokens: number): number => tokens * 0.1 + 32

/**
 * Groups texts of like length, so that little is computed on padding.
 *
 * @param lengths - Tokens of each text.
 * @param limits - Limits of a batch.
 * @returns Batches from the shortest texts to the longest; each index is in one of them.
 */
export function planBatches(lengths: readonly number[], limits: BatchLimits): BatchPlan {
  const order = lengths.map((_, index) => index).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0))
  const batches: number[][] = []
  let batch: number[] = []
  let ownTokens = 0
  for (const index of order) {
    const length = lengths[index] ?? 0
    // Sorted upwards, so this text is the longest so far and sets the padded length.
    const tokens = (batch.length + 1) * length
    const padding = tokens - ownTokens - length
    const isFull = batch.length >= limits.batchSize || tokens > limits.tokenBudget || padding > maxPadding(tokens)
    if (batch.length > 0 && isFull) {
      batches.push(batch)
      batch = []
      ownTokens = 0
    }
    batch.push(index)
    ownTokens += length
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}
