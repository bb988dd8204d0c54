import type { EncoderSpec } from '../../../model/encoder-spec.js'
import { distanceBucket } from '../../distance-bucket.js'
import type { GpuWeights } from './gpu-weights.js'
import { NO_BIAS } from './shaders/attention.js'

/**
 * Writes scores by distance as a row for each head, from `-reach` to `reach`. Farther keys have the score of the last bucket, so
 * that the table does not grow with texts.
 *
 * @returns The rows and their reach; `NO_BIAS` where the model has none.
 */
export function relativeBiases(
  { relativeBias, layers }: EncoderSpec,
  weights: GpuWeights,
): { readonly buffer: GPUBuffer; readonly reach: number } {
  if (relativeBias === undefined) return { buffer: weights.none, reach: NO_BIAS }
  const { table, buckets, maxDistance: reach } = relativeBias
  const heads = layers[0]?.attention.heads ?? 0
  const source = weights.floatsOf(table)
  const width = 2 * reach + 1
  const values = new Float32Array(heads * width)
  for (let distance = -reach; distance <= reach; distance++) {
    const bucket = distanceBucket(distance, buckets, reach)
    for (let head = 0; head < heads; head++) {
      values[head * width + reach + distance] = source[bucket * heads + head] as number
    }
  }
  return { buffer: weights.floats('relative biases', values), reach }
}
