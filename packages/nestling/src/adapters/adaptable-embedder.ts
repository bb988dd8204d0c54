import type { AnyEmbeddings } from '../api/embedder.js'
import type { EncodeOptions } from '../api/options/encode-options.js'

/** What adapters need of embeddings. */
export type EncodedTexts = Pick<AnyEmbeddings, 'data' | 'count' | 'dim'> & {
  /** What was read of each text, where the embedder tells. */
  readonly tokens?: AnyEmbeddings['tokens']
}

/** What adapters ask of an encode method. */
export type AdapterEncodeOptions = Pick<EncodeOptions, 'truncateDim' | 'normalize' | 'signal'>

/** What adapters need of an `Embedder`. */
export interface AdaptableEmbedder {
  /** Turns queries into one row each. */
  readonly encodeQuery: (texts: readonly string[], options: AdapterEncodeOptions) => Promise<EncodedTexts>
  /** Turns documents into one row each. */
  readonly encodeDocument: (texts: readonly string[], options: AdapterEncodeOptions) => Promise<EncodedTexts>
}

/**
 * Copies embeddings into arrays of numbers, which other libraries take.
 *
 * @param embeddings - Rows of float32.
 */
export function toNumberRows({ data, count, dim }: EncodedTexts): number[][] {
  return Array.from({ length: count }, (_, row) => Array.from(data.subarray(row * dim, (row + 1) * dim)))
}
