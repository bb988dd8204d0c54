import type { PoolingMode } from '../../model/encoder-spec.js'
import type { EncoderBatch } from '../engine.js'
import { MASKED_MAX, poolWeights } from '../pool-weights.js'

/**
 * Pools hidden states on the CPU, for engines that hand them out.
 *
 * Shape: `[count, seqLength, hiddenSize]` to `[count, modes * hiddenSize]`, row-major float32.
 *
 * @param hidden - Last hidden states.
 * @param hiddenSize - Components a token.
 * @param modes - Pooling modes; their results are joined in this order.
 * @param batch - Lengths of the texts, and how many tokens pooling leaves out.
 * @returns One vector a text.
 * @see `sentence_transformers.sentence_transformer.modules.pooling.Pooling._forward_padded`
 */
export function poolHiddenStates(
  hidden: Float32Array,
  hiddenSize: number,
  modes: readonly PoolingMode[],
  batch: EncoderBatch,
): Float32Array<ArrayBuffer> {
  const width = modes.length * hiddenSize
  const pooled = new Float32Array(batch.count * width)
  modes.forEach((mode, place) => {
    const weights = mode === 'max' ? undefined : poolWeights(mode, batch)
    for (let row = 0; row < batch.count; row++) {
      const start = row * width + place * hiddenSize
      const target = pooled.subarray(start, start + hiddenSize)
      const tokens = hidden.subarray(row * batch.seqLength * hiddenSize, (row + 1) * batch.seqLength * hiddenSize)
      if (weights === undefined) takeMax(target, tokens, batch.skippedTokens, batch.lengths[row] ?? 0)
      else addWeighted(target, tokens, weights.subarray(row * batch.seqLength, (row + 1) * batch.seqLength))
    }
  })
  return pooled
}

function takeMax(target: Float32Array, tokens: Float32Array, first: number, length: number): void {
  target.fill(MASKED_MAX)
  for (let token = first; token < length; token++) {
    const start = token * target.length
    for (let index = 0; index < target.length; index++) {
      target[index] = Math.max(target[index] as number, tokens[start + index] as number)
    }
  }
}

function addWeighted(target: Float32Array, tokens: Float32Array, weights: Float32Array): void {
  for (const [token, weight] of weights.entries()) {
    // Padding, whose hidden states may be anything, NaN included.
    if (weight === 0) continue
    const start = token * target.length
    for (let index = 0; index < target.length; index++) {
      target[index] = (target[index] as number) + weight * (tokens[start + index] as number)
    }
  }
}
