import type { Embeddings } from '../../math/embeddings.js'
import type { Shape } from '../../math/matrix.js'
import type { Precision } from '../../math/precision.js'
import type { QuantizeOptions } from '../../math/quantize.js'
import { importBundle } from '@nestling/kit/worker/import-bundle'
import { EmbedderError } from '../../wire/embedder-error.js'

/**
 * Converts embeddings to a lower precision, in slices that leave the page responsive. Needs no embedder.
 *
 * Shape: `[count, dim]` to the same, or for `binary` and `ubinary` to `[count, dim / 8]`, rounded up and filled with zeros.
 * The integers are those of Python. `int8` and `uint8` cut the span from the smallest to the largest value of each component
 * into 256 levels: those of `ranges`, else of `calibrationEmbeddings`, else of the embeddings themselves. Vectors that were
 * quantized with different ranges cannot be compared.
 *
 * @param embeddings - Float32 embeddings.
 * @param precision - What they shall be.
 * @param options - Where the levels lie.
 * @returns New embeddings of the same space; for `float32` the same ones.
 * @throws {TypeError} If the embeddings are none or not float32, or the precision or an option is not one.
 * @throws {RangeError} If ranges or calibration have the wrong shape, or a single embedding has neither.
 * @see `sentence_transformers.util.quantize_embeddings`
 */
export async function quantizeEmbeddings<S extends Shape, P extends Precision>(
  embeddings: Embeddings<S>,
  precision: P,
  options: QuantizeOptions = {},
): Promise<Embeddings<S, P>> {
  const { quantizeInSteps } = await importBundle(() => import('./quantize-in-steps.js'), EmbedderError)
  return quantizeInSteps(embeddings, precision, options)
}
