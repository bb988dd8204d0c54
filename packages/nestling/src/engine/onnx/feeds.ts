import type { EncoderSpec } from '../../model/encoder-spec.js'
import type { EncoderBatch } from '../engine.js'
import { MASKED_MAX, poolWeights } from '../pool-weights.js'
import { GRAPH } from './graph-names.js'

/** One input of the graph as plain arrays; the session makes tensors of it. */
export interface Feed {
  readonly type: 'float32' | 'int32' | 'int64'
  readonly data: Float32Array | Int32Array | BigInt64Array
  readonly dims: readonly number[]
}

/** Added to what must be ignored. Far below any score, and still finite in float16. */
const MASKED = -60_000

/**
 * Computes everything the graph needs to know of a batch.
 *
 * @param spec - The encoder.
 * @param batch - Padded token ids.
 * @returns The graph's inputs by name.
 */
export function feedsOf(spec: EncoderSpec, batch: EncoderBatch): Record<string, Feed> {
  const { count, seqLength } = batch
  const feeds: Record<string, Feed> = {
    [GRAPH.inputIds]: int32(batch.ids, [count * seqLength]),
    [GRAPH.positionIds]: int32(positionIds(spec, batch), [count * seqLength]),
    [GRAPH.keyBias]: float(maskBias(batch, 0, MASKED), [count, 1, 1, seqLength]),
    [GRAPH.queryBias]: float(new Float32Array(seqLength), [1, 1, seqLength, 1]),
    [GRAPH.batchShape]: int64([count, seqLength, -1]),
    [GRAPH.truncateDim]: int64([batch.truncateDim]),
  }
  spec.pooling.modes.forEach((mode, index) => {
    if (mode === 'max') {
      feeds[GRAPH.maxBias] = float(maskBias(batch, batch.skippedTokens, MASKED_MAX), [count, seqLength, 1])
    } else {
      feeds[`${GRAPH.poolWeights}${index}`] = float(poolWeights(mode, batch), [count, 1, seqLength])
    }
  })
  return feeds
}

/** @see `transformers.models.roberta.modeling_roberta.RobertaEmbeddings.create_position_ids_from_input_ids` */
function positionIds(spec: EncoderSpec, batch: EncoderBatch): Int32Array {
  const { numbering, paddingId } = spec.embeddings.position
  const positions = new Int32Array(batch.ids.length)
  for (let row = 0; row < batch.count; row++) {
    const start = row * batch.seqLength
    let next = numbering === 'sequential' ? 0 : paddingId + 1
    for (let index = 0; index < (batch.lengths[row] ?? 0); index++) {
      const isUncounted = numbering === 'after-padding-id' && batch.ids[start + index] === paddingId
      positions[start + index] = isUncounted ? paddingId : next++
    }
  }
  return positions
}

/** 0 for the tokens from `first` to a text's end, `masked` for all others. */
function maskBias(batch: EncoderBatch, first: number, masked: number): Float32Array {
  const bias = new Float32Array(batch.count * batch.seqLength).fill(masked)
  for (let row = 0; row < batch.count; row++) {
    const start = row * batch.seqLength
    const length = batch.lengths[row] ?? 0
    bias.fill(0, start + Math.min(first, length), start + length)
  }
  return bias
}

function float(data: Float32Array, dims: readonly number[]): Feed {
  return { type: 'float32', data, dims }
}

function int32(data: Int32Array, dims: readonly number[]): Feed {
  return { type: 'int32', data, dims }
}

function int64(values: readonly number[]): Feed {
  return { type: 'int64', data: BigInt64Array.from(values, BigInt), dims: [values.length] }
}
