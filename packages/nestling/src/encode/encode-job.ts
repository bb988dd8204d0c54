import { normalizeRows } from '@nestling/kit/math/norm'
import type { EncodedRows, EncodeRequest } from '../wire/protocol.js'

/** One request while its texts run; it collects the rows of a slice. */
export class EncodeJob {
  /** What was asked for. */
  readonly request: EncodeRequest
  /** Whether it is done, cancelled or failed. */
  isOver = false
  #remaining: number
  #indices: number[] = []
  #vectors: Float32Array[] = []
  #tokenCounts: number[] = []

  /** Starts with all texts to come. */
  constructor(request: EncodeRequest) {
    this.request = request
    this.#remaining = request.texts.length
  }

  /**
   * Takes the vector of one text.
   *
   * @param index - Place of the text in the request.
   * @param vector - Its vector as the model gives it, or as much of it as was stored; copied before the next slice runs.
   * @param tokenCount - Tokens of the text before anything was cut.
   */
  put(index: number, vector: Float32Array, tokenCount: number): void {
    this.#indices.push(index)
    this.#vectors.push(vector)
    this.#tokenCounts.push(tokenCount)
    this.#remaining--
    if (this.#remaining === 0) this.isOver = true
  }

  /**
   * Hands out what came since the last call, in Python's order: cut, then scaled.
   *
   * @param dim - Length of the model's vectors.
   * @returns Rows for the page.
   * @see `sentence_transformers.SentenceTransformer.encode`
   */
  takeRows(dim: number): EncodedRows {
    const { id, truncateDim, normalize } = this.request
    const kept = Math.min(truncateDim ?? dim, dim)
    const cut = new Float32Array(this.#vectors.length * kept)
    this.#vectors.forEach((vector, row) => {
      cut.set(vector.subarray(0, kept), row * kept)
    })
    const rows: EncodedRows = {
      id,
      indices: Int32Array.from(this.#indices),
      data: normalize ? normalizeRows(cut, kept) : cut,
      tokenCounts: Int32Array.from(this.#tokenCounts),
    }
    this.#indices = []
    this.#vectors = []
    this.#tokenCounts = []
    return rows
  }
}
