import type { Embeddings } from '../../math/embeddings.js'
import type { Shape } from '../../math/matrix.js'
import { PRECISIONS, type Precision } from '../../math/precision.js'
import { quantizeSteps, type QuantizeOptions } from '../../math/quantize.js'
import { checkKeys, checkOneOf, checkType, type KnownKeys } from '@nestling/kit/options/check-options'
import { MATRIX } from '../options/matrix-type.js'
import { reviveEmbeddings } from './revive-embeddings.js'
import { runSteps } from '@nestling/kit/calls/run-steps'

const WHAT = 'quantize'

const KNOWN_KEYS: KnownKeys<QuantizeOptions> = { ranges: true, calibrationEmbeddings: true }

/**
 * Quantizes without holding the page up. A bundle of its own: most pages let `encode` do that.
 *
 * @param embeddings - Float32 embeddings, or a structured clone of some.
 * @param precision - What they shall be.
 * @param options - Where the levels lie.
 * @returns As `quantizeEmbeddings`.
 * @throws {TypeError} If the embeddings are none or not float32, or the precision or an option is not one.
 * @throws {RangeError} If ranges or calibration have the wrong shape, or a single embedding has neither.
 */
export async function quantizeInSteps<S extends Shape, P extends Precision>(
  embeddings: Embeddings<S>,
  precision: P,
  options: QuantizeOptions,
): Promise<Embeddings<S, P>> {
  checkKeys(WHAT, options, KNOWN_KEYS)
  const known = (checkOneOf(WHAT, 'precision', precision, PRECISIONS) ?? 'float32') as P
  const { ranges, calibrationEmbeddings } = options
  checkType(WHAT, 'ranges', ranges, MATRIX)
  checkType(WHAT, 'calibrationEmbeddings', calibrationEmbeddings, MATRIX)
  const revived = reviveEmbeddings(WHAT, 'embeddings', embeddings) as Embeddings<S>
  return runSteps(quantizeSteps(revived, known, options))
}
