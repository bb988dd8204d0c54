import type { Precision } from 'nestling'
import type { FloatRows } from '@nestling/kit/math/float-rows'
import type { EncodedRows } from './evaluable-embedder.js'
import type { Steps } from './steps.js'

/** Values between two stops: 0.1 ms, and ten times that before the loops are compiled. */
const STEP_SIZE = 40_000

/** Each bit of a byte, the highest first. */
const BITS = [7, 6, 5, 4, 3, 2, 1, 0]

/**
 * Gives embeddings of any precision as float32: integers as the numbers they are, packed bits as a 0 or a 1 each.
 *
 * @param embeddings - What `encode` gave.
 * @returns Steps that end in rows; those of float32 embeddings are a view.
 * @see `EmbeddingSimilarityEvaluator.__call__`
 */
export function* toFloatRowsSteps({ data, count, dim }: EncodedRows, precision: Precision): Steps<FloatRows> {
  if (data instanceof Float32Array) return { data, count, dim }
  const isPacked = precision === 'binary' || precision === 'ubinary'
  const width = isPacked ? 8 : 1
  const offset = precision === 'binary' ? 128 : 0
  const floats = new Float32Array(data.length * width)
  for (let index = 0; index < data.length; index++) {
    const value = (data[index] as number) + offset
    if (isPacked) for (const [place, bit] of BITS.entries()) floats[index * 8 + place] = (value >> bit) & 1
    else floats[index] = value
    if ((index + 1) % (STEP_SIZE / width) === 0) yield
  }
  return { data: floats, count, dim: dim * width }
}
