import { MIN_NORM, normOf } from '@nestling/kit/math/norm'
import { encodeRow } from '@nestling/kit/math/row-codec'
import { digestOf } from '../documents/encoding-digest.js'
import type { IndexSimilarity } from '../wire/scoring.js'
import { arrayOf, valuesPerRow } from '../store/row-array.js'
import type { Segment } from '../store/stored-index.js'
import type { DocumentPortion, IndexPrecision } from '../wire/protocol.js'

/**
 * Brings a portion into the form that an index keeps.
 *
 * @param portion - Documents and float32 vectors.
 * @param similarity - Of the index: the scale of a row of levels makes its scores cosines.
 * @returns A segment; of float32 rows it has the portion's own arrays.
 * @throws {RangeError} If a vector has a component that is no finite number.
 */
export function stagePortion(
  portion: DocumentPortion,
  precision: IndexPrecision,
  similarity: IndexSimilarity,
): Segment {
  const { ids, texts, metadata, encodings, rowCounts, spans, vectors, dim } = portion
  const rows = spans.length / 2
  const isCoded = precision !== 'float32'
  const width = valuesPerRow(precision, dim)
  const kept = isCoded ? new (arrayOf(precision))(rows * width) : vectors
  const scales = new Float32Array(isCoded ? rows : 0)
  for (let row = 0; row < rows; row++) {
    const values = vectors.subarray(row * dim, (row + 1) * dim)
    const norm = normOf(values)
    // Their squares must be finite too, or scores would not be.
    if (!Number.isFinite(norm)) {
      throw new RangeError(`Cannot add documents as vectors must have finite components: current norm is ${norm}`)
    }
    if (kept instanceof Float32Array || !isCoded) continue
    const scale = encodeRow(values, precision, kept.subarray(row * width, (row + 1) * width))
    scales[row] = similarity === 'cosine' ? scale / Math.max(norm, MIN_NORM) : scale
  }
  const digests = Float64Array.from(ids, (_, index) => digestOf(encodings?.[index]))
  return { removed: [], ids, texts, metadata, rowCounts, spans, vectors: kept, scales, digests }
}
