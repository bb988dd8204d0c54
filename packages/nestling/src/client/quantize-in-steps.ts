import type { Embeddings } from '../math/embeddings.js'
import type { Shape } from '../math/matrix.js'
import type { Precision } from '../math/precision.js'
import { quantizeSteps, type QuantizeOptions } from '../math/quantize.js'
import { runSteps } from './run-steps.js'

/**
 * Quantizes without holding the page up. A chunk of its own: most pages let `encode` do that.
 *
 * @param embeddings - Float32 embeddings.
 * @param precision - What they shall be.
 * @param options - Where the levels lie.
 * @returns As `quantizeEmbeddings`.
 * @throws {RangeError} If ranges or calibration have the wrong shape, or a single embedding has neither.
 */
export function quantizeInSteps<S extends Shape, P extends Precision>(
  embeddings: Embeddings<S>,
  precision: P,
  options: QuantizeOptions,
): Promise<Embeddings<S, P>> {
  return runSteps(quantizeSteps(embeddings, precision, options))
}
