import type { IndexFile } from '../store/index-file.js'
import type { OpenRequest } from '../wire/protocol.js'
import { checkSettings } from './index-settings.js'
import { stagePortion } from './stage-portion.js'
import type { ContentsChange } from './stored-contents.js'

/**
 * Turns a file into the change that makes an index of it. Float32 rows are rounded where the index keeps int8; the other way round is lost.
 *
 * @param request - What the index was made with.
 * @throws {RangeError} If the dims differ, or a vector has a component that is no finite number.
 * @throws {TypeError} If the precision or the similarity differs.
 */
export function fileToChange({ identity, segment }: IndexFile, request: OpenRequest): ContentsChange {
  const { dim, similarity, space } = identity
  const isRounded = request.precision === 'int8' && identity.precision === 'float32'
  const precision = isRounded ? 'int8' : identity.precision
  checkSettings({ ...identity, precision }, request)
  const { vectors } = segment
  const whole =
    vectors instanceof Float32Array
      ? stagePortion({ ...segment, vectors, dim, space: space ?? undefined }, precision, similarity)
      : segment
  return { segments: [whole], space: space ?? undefined, dim, precision, similarity }
}
