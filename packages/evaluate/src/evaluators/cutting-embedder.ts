import type { EncodedRows, EncodeTexts, EvaluableEmbedder, EvaluationEncodeOptions } from '../run/evaluable-embedder.js'

/**
 * Encodes every list of texts once, at the largest dim, and cuts the vectors for the smaller ones, which gives the same numbers: nested
 * vectors are prefixes.
 */
export class CuttingEmbedder implements EvaluableEmbedder {
  readonly similarityFunction: NonNullable<EvaluableEmbedder['similarityFunction']>
  readonly encode: EncodeTexts
  readonly encodeQuery: EncodeTexts
  readonly encodeDocument: EncodeTexts
  readonly #maxDim: number

  /**
   * Wraps an embedder.
   *
   * @param embedder - What encodes.
   * @param maxDim - The largest dim that will be asked for.
   */
  constructor(embedder: EvaluableEmbedder, maxDim: number) {
    const encode: EncodeTexts = (texts, options) => embedder.encode(texts, options)
    this.#maxDim = maxDim
    this.similarityFunction = embedder.similarityFunction ?? 'cosine'
    this.encode = this.#once(encode)
    this.encodeQuery = this.#once((texts, options) => embedder.encodeQuery?.(texts, options) ?? encode(texts, options))
    this.encodeDocument = this.#once(
      (texts, options) => embedder.encodeDocument?.(texts, options) ?? encode(texts, options),
    )
  }

  /** An evaluator asks with the same list each time; its prompt never changes. */
  #once(encode: EncodeTexts): EncodeTexts {
    const known = new Map<readonly string[], EncodedRows>()
    return async (texts, options) => {
      const rows = known.get(texts) ?? (await encode(texts, { ...options, truncateDim: this.#maxDim }))
      known.set(texts, rows)
      return cutRows(rows, options)
    }
  }
}

/** More components than there are keep all, as slicing does in Python. */
function cutRows({ data, count, dim }: EncodedRows, { truncateDim }: EvaluationEncodeOptions): EncodedRows {
  const kept = Math.min(truncateDim ?? dim, dim)
  if (kept === dim || !(data instanceof Float32Array)) return { data, count, dim }
  const cut = new Float32Array(count * kept)
  for (let row = 0; row < count; row++) cut.set(data.subarray(row * dim, row * dim + kept), row * kept)
  return { data: cut, count, dim: kept }
}
