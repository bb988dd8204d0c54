import { decodeRows, type CodePrecision } from '@nestling/kit/math/row-codec'
import type { IndexFile } from '../store/index-file.js'
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
  const { vectors, scales } = segment
  const wanted = request.precision ?? identity.precision
  const isFiner = INDEX_PRECISIONS.indexOf(identity.precision) < INDEX_PRECISIONS.indexOf(wanted)
  const precision = isFiner ? wanted : identity.precision
  checkSettings({ ...identity, precision }, request)
  const isKept = precision === identity.precision && precision !== 'float32'
  const portion = (): DocumentPortion => ({
    ...segment,
    vectors:
      vectors instanceof Float32Array ? vectors : decodeRows(vectors, identity.precision as CodePrecision, scales, dim),
    dim,
    space: space ?? undefined,
  })
  const whole = isKept ? segment : stagePortion(portion(), precision, similarity)
  return { segments: [whole], space: space ?? undefined, dim, precision, similarity }
}
