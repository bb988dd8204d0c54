import { goldenVector } from './evaluators.ts'

/** One call of an encode method. */
export interface EncodeCall {
  readonly method: 'encode' | 'encodeQuery' | 'encodeDocument'
  readonly texts: readonly string[]
  readonly options: GoldenEncodeOptions
}

/** Options that {@link GoldenEmbedder} understands. */
export interface GoldenEncodeOptions {
  readonly truncateDim?: number | undefined
  readonly batchSize?: number | undefined
  readonly prompt?: string | undefined
  readonly promptName?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((event: { readonly phase: 'encode'; readonly fraction: number }) => void) | undefined
}

/** Rows of float32. */
export interface GoldenRows {
  readonly data: Float32Array<ArrayBuffer>
  readonly count: number
  readonly dim: number
}

/** The "model" of the golden evaluators: gives known vectors, cut by `truncateDim`. Keeps the calls that were made. */
export class GoldenEmbedder {
  /** The golden "model" compares with it. */
  readonly similarityFunction = 'cosine' as const
  /** Every call so far. */
  readonly calls: EncodeCall[] = []
  readonly #vectorOf: (text: string) => Float32Array

  /**
   * Takes the vectors.
   *
   * @param vectorOf - Gives the vector of a text; those of algorithms.json by default.
   */
  constructor(vectorOf: (text: string) => Float32Array = goldenVector) {
    this.#vectorOf = vectorOf
  }

  /** Encodes texts. */
  encode = (texts: readonly string[], options: GoldenEncodeOptions): Promise<GoldenRows> =>
    this.#encode({ method: 'encode', texts, options })

  /** Encodes queries, with no prompt. */
  encodeQuery = (texts: readonly string[], options: GoldenEncodeOptions): Promise<GoldenRows> =>
    this.#encode({ method: 'encodeQuery', texts, options })

  /** Encodes documents, with no prompt. */
  encodeDocument = (texts: readonly string[], options: GoldenEncodeOptions): Promise<GoldenRows> =>
    this.#encode({ method: 'encodeDocument', texts, options })

  async #encode(call: EncodeCall): Promise<GoldenRows> {
    const { texts, options } = call
    this.calls.push(call)
    const vectors: Float32Array[] = []
    for (const [index, text] of texts.entries()) {
      // As a worker: the answer never comes at once, and an abort is heard in between.
      if (index % 10 === 0) await Promise.resolve()
      options.signal?.throwIfAborted()
      vectors.push(this.#vectorOf(text).slice(0, options.truncateDim))
      options.onProgress?.({ phase: 'encode', fraction: (index + 1) / texts.length })
    }
    const dim = vectors[0]?.length ?? 0
    const data = new Float32Array(texts.length * dim)
    for (const [index, vector] of vectors.entries()) data.set(vector, index * dim)
    return { data, count: texts.length, dim }
  }
}
