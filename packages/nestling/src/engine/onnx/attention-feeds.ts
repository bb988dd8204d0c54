import type { EncoderSpec, MaskSpec, RelativeBiasSpec, RotarySpec } from '../../model/encoder-spec.js'
import type { EncoderBatch } from '../engine.js'
import { float, int32, type Feed } from './feed.js'
import { GRAPH } from './graph-names.js'
import { MASKED, maskBias } from './mask-bias.js'

/**
 * Computes what attention needs to know of a batch: padding, masks, distances, rotary positions.
 *
 * @param spec - The encoder.
 * @param batch - Padded token ids.
 * @returns The graph's inputs by name.
 */
export function attentionFeeds(spec: EncoderSpec, batch: EncoderBatch): Record<string, Feed> {
  const { count, seqLength } = batch
  const feeds: Record<string, Feed> = {}
  if (spec.layers.length === 0) return feeds
  feeds[GRAPH.keyBias] = float(maskBias(batch, 0, MASKED), [count, 1, 1, seqLength])
  for (const [index, mask] of spec.masks.entries()) feeds[`${GRAPH.queryBias}${index}`] = queryBias(mask, seqLength)
  for (const [index, rotary] of spec.rotaries.entries()) {
    feeds[`${GRAPH.rotaryCos}${index}`] = rotaryTable(rotary, seqLength, Math.cos)
    feeds[`${GRAPH.rotarySin}${index}`] = rotaryTable(rotary, seqLength, Math.sin)
  }
  if (spec.relativeBias !== undefined) feeds[GRAPH.distanceBuckets] = distanceBuckets(spec.relativeBias, seqLength)
  return feeds
}

function queryBias({ isCausal, maxDistance = Infinity }: MaskSpec, seqLength: number): Feed {
  if (!isCausal && maxDistance === Infinity) return float(new Float32Array(seqLength), [1, 1, seqLength, 1])
  const bias = new Float32Array(seqLength * seqLength)
  for (let query = 0; query < seqLength; query++) {
    for (let key = 0; key < seqLength; key++) {
      const isHidden = (isCausal && key > query) || Math.abs(query - key) > maxDistance
      if (isHidden) bias[query * seqLength + key] = MASKED
    }
  }
  return float(bias, [1, 1, seqLength, seqLength])
}

function rotaryTable({ inverseFrequencies }: RotarySpec, seqLength: number, of: (angle: number) => number): Feed {
  const width = inverseFrequencies.length
  const table = new Float32Array(seqLength * width)
  for (let position = 0; position < seqLength; position++) {
    inverseFrequencies.forEach((frequency, index) => {
      table[position * width + index] = of(position * frequency)
    })
  }
  return float(table, [seqLength, width])
}

function distanceBuckets({ buckets: count, maxDistance }: RelativeBiasSpec, seqLength: number): Feed {
  const buckets = new Int32Array(seqLength * seqLength)
  for (let query = 0; query < seqLength; query++) {
    for (let key = 0; key < seqLength; key++) {
      buckets[query * seqLength + key] = distanceBucket(key - query, count, maxDistance)
    }
  }
  return int32(buckets, [1, seqLength, seqLength])
}

/**
 * Sorts a distance into a bucket: near ones have one each, far ones share them, on a scale of logarithms.
 *
 * @param distance - Key's place less the query's.
 * @param count - Buckets for both directions together.
 * @param maxDistance - From here on all share the last bucket.
 * @returns The bucket.
 * @see `transformers.models.t5.modeling_t5.T5Attention._relative_position_bucket`
 */
export function distanceBucket(distance: number, count: number, maxDistance: number): number {
  const half = Math.floor(count / 2)
  const exact = Math.floor(half / 2)
  const start = distance > 0 ? half : 0
  const length = Math.abs(distance)
  if (length < exact) return start + length
  // In float32, as Python computes it: a quotient next to an integer must fall on the same side.
  const ratio = Math.fround(
    Math.fround(Math.log(Math.fround(length / exact))) / Math.fround(Math.log(maxDistance / exact)),
  )
  return start + Math.min(half - 1, exact + Math.trunc(Math.fround(ratio * (half - exact))))
}
