import type { Embeddings } from '../../math/embeddings.js'
import type { Shape } from '../../math/matrix.js'
import type { Precision } from '../../math/precision.js'
import { checkQuantizable, quantizeSteps } from '../../math/quantize.js'
import type { ResolvedEncodeOptions } from '../options/encode-options.js'
import { runSteps } from '@nestling/kit/calls/run-steps'

/** What `encode` was told of its output. */
type OutputOptions = Pick<ResolvedEncodeOptions, 'precision' | 'ranges'>

/**
 * Makes sure that the vectors of a call can have the precision that it asks for, before they are computed.
 *
 * @param count - Texts of the call.
 * @param dim - Components of a vector, after truncation.
 * @param options - Precision and ranges.
 * @throws {RangeError} If the ranges do not fit, or a single text has none and needs them.
 */
export function checkPrecision(count: number, dim: number, options: OutputOptions): void {
  checkQuantizable({ count, dim, precision: 'float32' }, options.precision, options)
}

/**
 * Gives all vectors of a call the precision that it asks for: the last step of `encode`, in slices.
 *
 * @param embeddings - All rows of the call, truncated and normalised.
 * @param options - Precision and ranges.
 * @returns New embeddings; for `float32` the same ones.
 * @throws {RangeError} As {@link checkPrecision}.
 * @see `sentence_transformers.SentenceTransformer.encode`
 */
export function toPrecision<S extends Shape>(
  embeddings: Embeddings<S>,
  options: OutputOptions,
): Promise<Embeddings<S, Precision>> {
  return runSteps(quantizeSteps(embeddings, options.precision, options))
}
