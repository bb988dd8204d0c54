import { decodeRow, type CodePrecision } from '@nestling/kit/math/row-codec'
import type { IndexFile } from '../store/index-file.js'
import { valuesPerRow } from '../store/row-array.js'
import type { IndexIdentity, Segment } from '../store/stored-index.js'
import { INDEX_PRECISIONS, type DocumentPortion, type OpenRequest } from '../wire/protocol.js'
import { checkSettings } from './index-settings.js'
import { stagePortion } from './stage-portion.js'
import type { ContentsChange } from './stored-contents.js'

/**
 * Turns a file into the change that makes an index of it. Rows are rounded where the index keeps fewer bits; what was lost does not come
 * back.
 *
 * @param request - What the index was made with.
 * @throws {RangeError} If the dims differ, or a vector has a component that is no finite number.
 * @throws {TypeError} If the index keeps more bits than the file has, or another similarity.
 */
export function fileToChange({ identity, segment }: IndexFile, request: OpenRequest): ContentsChange {
  const { dim, similarity, space } = identity
  const wanted = request.precision ?? identity.precision
  const isFiner = INDEX_PRECISIONS.indexOf(identity.precision) < INDEX_PRECISIONS.indexOf(wanted)
  const precision = isFiner ? wanted : identity.precision
  checkSettings({ ...identity, precision }, request)
  const isKept = precision === identity.precision && precision !== 'float32'
  const portion = (): DocumentPortion => ({
    ...segment,
    vectors: floatRows(segment, identity),
    dim,
    space: space ?? undefined,
  })
  const whole = isKept ? segment : stagePortion(portion(), precision, similarity)
  return { segments: [whole], space: space ?? undefined, dim, precision, similarity }
}

/** Rows as they were, or what their codes have kept of them. */
function floatRows({ vectors, scales }: Segment, { dim, precision }: IndexIdentity): Float32Array<ArrayBuffer> {
  if (vectors instanceof Float32Array) return vectors
  const width = valuesPerRow(precision, dim)
  const rows = new Float32Array(scales.length * dim)
  const levels = new Int8Array(dim)
  for (const [row, scale] of scales.entries()) {
    decodeRow(vectors.subarray(row * width, (row + 1) * width), precision as CodePrecision, levels)
    for (let index = 0; index < dim; index++) rows[row * dim + index] = (levels[index] as number) * scale
  }
  return rows
}
