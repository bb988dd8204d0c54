import type { PoolingMode } from '../model/encoder-spec.js'
import type { EncoderBatch } from './engine.js'

/** Pooling modes that are a weighted sum of hidden states. */
export type SumPoolingMode = Exclude<PoolingMode, 'max'>

/** Added to what `max` must ignore: below any hidden state in float32. */
export const MASKED_MAX = -1e30

/**
 * Writes a pooling mode as weights of a sum over tokens.
 *
 * @param mode - Every mode but `max`.
 * @param batch - Lengths of the texts, and how many tokens pooling leaves out.
 * @returns `[count, seqLength]`, row-major; 0 for padding.
 * @see `sentence_transformers.sentence_transformer.modules.pooling.Pooling._forward_padded`
 */
export function poolWeights(mode: SumPoolingMode, batch: EncoderBatch): Float32Array {
  const weights = new Float32Array(batch.count * batch.seqLength)
  for (let row = 0; row < batch.count; row++) {
    const length = batch.lengths[row] ?? 0
    // Python's argmax over an empty mask is 0, so a text that is all prompt is pooled from its first token by `cls`.
    const first = batch.skippedTokens < length ? batch.skippedTokens : mode === 'cls' ? 0 : length
    fillRow(mode, weights.subarray(row * batch.seqLength, (row + 1) * batch.seqLength), first, length)
  }
  return weights
}

function fillRow(mode: SumPoolingMode, row: Float32Array, first: number, length: number): void {
  const counted = length - first
  switch (mode) {
    case 'cls':
      row[first] = 1
      return
    case 'lasttoken':
      if (counted > 0) row[length - 1] = 1
      return
    case 'mean':
      row.fill(1 / Math.max(counted, 1), first, length)
      return
    case 'mean_sqrt_len_tokens':
      row.fill(1 / Math.sqrt(Math.max(counted, 1)), first, length)
      return
    case 'weightedmean': {
      // Positions count from 1 at the text's start, a left-out prompt included.
      const sum = (counted * (first + 1 + length)) / 2
      for (let index = first; index < length; index++) row[index] = (index + 1) / sum
    }
  }
}
