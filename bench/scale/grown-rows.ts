import { growMixtures } from '@nestling/testing/mixtures'
import type { SinkRow } from '../../packages/nestling/src/cli/embed/embedding-sink.js'

/** Length of the noise that each real vector gets; docs/search.md has its tables of the same. */
const NOISE = 0.3
const QUERY_SEED = 7

/** Rows that are asked for. */
export const TOP_K = 10

/** Makes a query's neighbours known while rows go by: all rows need not be in memory. */
interface Nearest {
  readonly scores: Float64Array
  readonly rows: Int32Array
}

/** As many rows as are wanted, grown from real vectors, a portion at a time. */
export class GrownRows {
  readonly #real: Float32Array
  readonly #dim: number
  readonly #queries: readonly Float32Array[]
  readonly #nearest: readonly Nearest[]

  /**
   * Makes the queries.
   *
   * @param real - Real vectors, row-major.
   * @param dim - Components of a vector.
   * @param queries - How many queries.
   */
  constructor(real: Float32Array, dim: number, queries: number) {
    this.#real = real
    this.#dim = dim
    const grown = growMixtures(real, { dim, rows: 0, queries, seed: QUERY_SEED, noise: NOISE }).queries
    this.#queries = Array.from({ length: queries }, (_, row) => grown.slice(row * dim, (row + 1) * dim))
    this.#nearest = this.#queries.map(() => {
      return { scores: new Float64Array(TOP_K).fill(-Infinity), rows: new Int32Array(TOP_K).fill(-1) }
    })
  }

  /** Held-out vectors, made as the rows are. */
  get queries(): readonly Float32Array[] {
    return this.#queries
  }

  /** Rows with the highest dot products in float64, of all that were grown; the best first. */
  exact(query: number): readonly number[] {
    return [...(this.#nearest[query]?.rows ?? [])]
  }

  /** Grows the next rows, and looks which of them are near to the queries. */
  grow(first: number, count: number): SinkRow[] {
    const dim = this.#dim
    const options = { dim, rows: count, queries: 0, seed: QUERY_SEED + 1 + first, noise: NOISE }
    const { rows } = growMixtures(this.#real, options)
    for (const [index, query] of this.#queries.entries()) {
      for (let row = 0; row < count; row++) this.#look(index, first + row, dotOf(rows, row * dim, query))
    }
    return Array.from({ length: count }, (_, place) => {
      const index = first + place
      const vector = rows.subarray(place * dim, (place + 1) * dim)
      return { index, id: String(index), text: '', fields: {}, vector }
    })
  }

  #look(query: number, row: number, score: number): void {
    const nearest = this.#nearest[query]
    if (nearest === undefined || score <= (nearest.scores[TOP_K - 1] as number)) return
    const { scores, rows } = nearest
    let place = TOP_K - 1
    for (; place > 0 && (scores[place - 1] as number) < score; place--) {
      scores[place] = scores[place - 1] as number
      rows[place] = rows[place - 1] as number
    }
    scores[place] = score
    rows[place] = row
  }
}

function dotOf(rows: Float32Array, start: number, query: Float32Array): number {
  let sum = 0
  for (let index = 0; index < query.length; index++) sum += (rows[start + index] as number) * (query[index] as number)
  return sum
}
