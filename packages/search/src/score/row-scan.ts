import { MIN_NORM, normOf } from '@nestling/kit/math/norm'
import { packSigns } from '@nestling/kit/math/pack-signs'
import { TopScores } from '@nestling/kit/math/top-scores'
import { toInt16 } from './quantize-row.js'
import { BLOCK_ROWS, type PlaneLayout } from './row-layout.js'
import { MAX_SCORES, type RowMemory } from './row-memory.js'
import type { RowQuery } from './row-query.js'

/** Half a unit in the last place of float32, relative. */
const FLOAT32_ROUNDING = 2 ** -24

/** Sums that a float32 dot product keeps side by side, and what is added at the end. */
const PARALLEL_SUMS = 16
const LAST_SUMS = 8

/** A scan or a re-ranking: how many components of the tails are read. */
type TailLength = number

/** Runs the kernels for one query, which it writes where they find it. */
export class RowScan {
  readonly #memory: RowMemory
  readonly #query: RowQuery
  /** Half the step of the query in int16. */
  readonly #int16Error: number

  /** Prepares a query; another scan of the same memory must not start before this one has ended. */
  constructor(memory: RowMemory, query: RowQuery) {
    const { layout, scratch, buffer } = memory
    const { float32, int8, bits } = layout
    this.#memory = memory
    this.#query = query
    new Float32Array(buffer, scratch.float32, float32.headLength + float32.tailLength).fill(0).set(query.vector)
    const values = new Int16Array(buffer, scratch.int16, int8.headLength + int8.tailLength).fill(0)
    this.#int16Error = toInt16(query.vector, values.subarray(0, query.vector.length)) / 2
    packSigns(query.vector, new Uint8Array(buffer, scratch.bits, bits.length))
  }

  /** The plane with the most precise rows. */
  get finest(): 'float32' | 'int8' {
    return this.#memory.layout.forms.float32 ? 'float32' : 'int8'
  }

  /**
   * Bounds the error of scores by the kernels: how far they may be from those of the same rows in float64.
   *
   * @returns The bound; of int8 in the scores' own unit, as `rank` and `all` give them.
   */
  errorBound(): number {
    const { vector } = this.#query
    const { longest } = this.#memory
    if (this.finest === 'int8') return (Math.sqrt(vector.length) * longest * this.#int16Error) / this.#unit
    return (vector.length / PARALLEL_SUMS + LAST_SUMS) * FLOAT32_ROUNDING * longest * normOf(vector)
  }

  /**
   * Scans the rows of a plane.
   *
   * @param capacity - Rows to find.
   * @param isWhole - Whether tails are read too.
   * @returns The highest scores.
   */
  all(name: 'float32' | 'int8', capacity: number, isWhole: boolean): TopScores {
    const { layout, kernels, scratch } = this.#memory
    const plane = layout[name]
    const kernel = name === 'float32' ? kernels.dotFloat32 : kernels.dotInt8
    const query = name === 'float32' ? scratch.float32 : scratch.int16
    const tailLength = isWhole ? plane.tailLength : 0
    return this.#each(capacity, (block, count) => {
      const { heads, headLength, tails, scales } = plane
      kernel(query, block + heads, headLength, block + tails, tailLength, block + scales, count, scratch.scores)
    })
  }

  /**
   * Scans the signs of all rows.
   *
   * @param capacity - Rows to find.
   * @returns Those that differ least.
   */
  signs(capacity: number): TopScores {
    const { layout, kernels, scratch } = this.#memory
    const { offset, length } = layout.bits
    return this.#each(capacity, (block, count) => {
      kernels.hamming(scratch.bits, block + offset, length, count, scratch.scores)
    })
  }

  /**
   * Ranks a shortlist by the finest rows there are.
   *
   * @param capacity - Rows to keep.
   * @param tailLength - Components of the tails to read; all where it is left out.
   * @returns The highest scores.
   */
  rank(rows: Int32Array, capacity: number, tailLength?: TailLength): TopScores {
    const top = new TopScores(capacity, 'lowest')
    this.#eachPortion(rows, tailLength, (portion, scores) => {
      for (let index = 0; index < portion.length; index++) {
        if ((scores[index] as number) > top.threshold) top.add(portion[index] as number, scores[index] as number)
      }
    })
    return top
  }

  /**
   * Scores rows by the finest form there is of them.
   *
   * @returns Similarities, within the error bound of the kernels.
   */
  similarities(rows: Int32Array): Float32Array {
    const { vector, similarity } = this.#query
    const unit = this.finest === 'float32' ? 1 : this.#unit
    const factor = unit / (similarity === 'cosine' ? Math.max(normOf(vector), MIN_NORM) : 1)
    const similarities = new Float32Array(rows.length)
    let start = 0
    this.#eachPortion(rows, undefined, (portion, scores) => {
      for (const [index, score] of scores.entries()) similarities[start + index] = score * factor
      start += portion.length
    })
    return similarities
  }

  #eachPortion(
    rows: Int32Array,
    tailLength: TailLength | undefined,
    see: (portion: Int32Array, scores: Float32Array) => void,
  ): void {
    const { layout, kernels, scratch } = this.#memory
    const isFloat = this.finest === 'float32'
    const plane: PlaneLayout = layout[this.finest]
    const kernel = isFloat ? kernels.dotFloat32At : kernels.dotInt8At
    const query = isFloat ? scratch.float32 : scratch.int16
    for (let start = 0; start < rows.length; start += MAX_SCORES) {
      const portion = rows.subarray(start, start + MAX_SCORES)
      this.#memory.putPlaces(portion, plane, isFloat ? Float32Array.BYTES_PER_ELEMENT : 1)
      kernel(query, scratch.places, plane.headLength, tailLength ?? plane.tailLength, portion.length, scratch.scores)
      see(portion, this.#memory.scores(portion.length))
    }
  }

  /** What scores of int8 rows are to be multiplied with. */
  get #unit(): number {
    return this.#int16Error * 2 || 1
  }

  #each(capacity: number, score: (blockAddress: number, count: number) => void): TopScores {
    const { owners, allowed } = this.#query
    const { end } = this.#memory
    const top = new TopScores(capacity, 'lowest')
    for (let first = 0; first < end; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, end - first)
      score(this.#memory.blockAddress(first / BLOCK_ROWS), count)
      const scores = this.#memory.scores(count)
      for (let index = 0; index < count; index++) {
        if (!((scores[index] as number) > top.threshold)) continue
        const owner = owners[first + index] as number
        if (owner >= 0 && (allowed === undefined || allowed[owner] === 1)) {
          top.add(first + index, scores[index] as number)
        }
      }
    }
    return top
  }
}
