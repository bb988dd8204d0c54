import type { EncoderSpec, MaskSpec, RelativeBiasSpec, RotarySpec } from '../../model/encoder-spec.js'
import { distanceBucket } from '../distance-bucket.js'
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

function rotaryTable(rotary: RotarySpec, seqLength: number, of: (angle: number) => number): Feed {
  const { inverseFrequencies, attentionFactor = 1 } = rotary
  const width = inverseFrequencies.length
  const table = new Float32Array(seqLength * width)
  for (let position = 0; position < seqLength; position++) {
    inverseFrequencies.forEach((frequency, index) => {
      table[position * width + index] = attentionFactor * of(position * frequency)
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
