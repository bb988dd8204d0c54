import type { EncoderBatch } from '../engine.js'

/** Added to scores that must be ignored. Far below any score, and still finite in float16. */
export const MASKED = -60_000

/**
 * Hides everything but some tokens of each text.
 *
 * @param first - First token of each text that counts.
 * @param masked - What the others get.
 * @returns `[count, seqLength]`: 0 for the tokens from `first` to a text's end.
 */
export function maskBias(batch: EncoderBatch, first: number, masked: number): Float32Array {
  const bias = new Float32Array(batch.count * batch.seqLength).fill(masked)
  for (let row = 0; row < batch.count; row++) {
    const start = row * batch.seqLength
    const length = batch.lengths[row] ?? 0
    bias.fill(0, start + Math.min(first, length), start + length)
  }
  return bias
}
