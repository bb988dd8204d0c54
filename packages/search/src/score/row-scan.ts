import { normOf } from '@nestling/kit/math/norm'
import { codeBytes } from '@nestling/kit/math/row-codec'
import { TopScores } from '@nestling/kit/math/top-scores'
import type { IndexPrecision } from '../wire/protocol.js'
import { COLUMN_TABLE_BYTES, fillNibbleTables, VALUE_ERROR } from './nibble-tables.js'
import { BLOCK_ROWS, GROUP_ROWS, isPacked, type PackedForm, type PackedLayout, type PlaneLayout } from './row-layout.js'
import type { RowMemory } from './row-memory.js'
import type { RowQuery } from './row-query.js'
import { MAX_SCORES } from './scratch.js'
import { toInt16 } from './to-int16.js'

/** Half a unit in the last place of float32, relative. */
const FLOAT32_ROUNDING = 2 ** -24

/** Sums that a float32 dot product keeps side by side, and what is added at the end. */
const PARALLEL_SUMS = 16
const LAST_SUMS = 8

/** Runs the kernels for one query, which it writes where they find it. */
export class RowScan {
  readonly #memory: RowMemory
  readonly #query: RowQuery

  /** Prepares a query; another scan of the same memory must not start before this one has ended. */
  constructor(memory: RowMemory, query: RowQuery) {
    const { layout, scratch, buffer } = memory
    const { float32, int8, packed } = layout
    const { vector } = query
    this.#memory = memory
    this.#query = query
    new Float32Array(buffer, scratch.float32, float32.headLength + float32.tailLength).fill(0).set(vector)
    const values = new Int16Array(buffer, scratch.int16, int8.headLength + int8.tailLength).fill(0)
    toInt16(vector, values.subarray(0, vector.length))
    for (const [form, { columns }] of packed) {
      const tables = new Uint8Array(buffer, scratch.tables.get(form), columns * COLUMN_TABLE_BYTES)
      fillNibbleTables(vector, form, tables)
    }
  }

  /** The most precise form of the rows. */
  get finest(): IndexPrecision {
    return this.#memory.finest
  }

  /**
   * Bounds the error of scores by the kernels: how far they may be from those of the same rows in float64.
   *
   * @returns The bound; of all forms but float32 in the scores' own unit, as `rank` and `all` give them.
   */
  errorBound(): number {
    const { vector } = this.#query
    const { longest, largestScale, layout } = this.#memory
    if (isPacked(this.finest)) {
      const nibbles = 2 * (layout.packed.get(this.finest) as PackedLayout).columns
      return VALUE_ERROR * nibbles * largestScale
    }
    if (this.finest === 'int8') return Math.sqrt(vector.length) * longest * 0.5
    return (vector.length / PARALLEL_SUMS + LAST_SUMS) * FLOAT32_ROUNDING * longest * normOf(vector)
  }

  /**
   * Scans the rows of a form.
   *
   * @param capacity - Rows to find.
   * @param components - How many of the first ones are read; all where it is left out.
   * @returns The highest scores.
   */
  all(form: IndexPrecision, capacity: number, components?: number): TopScores {
    const { owners, allowed } = this.#query
    const top = new TopScores(capacity, 'lowest')
    this.each(form, components, (first, scores) => {
      for (let index = 0; index < scores.length; index++) {
        if (!((scores[index] as number) > top.threshold)) continue
        const owner = owners[first + index] as number
        if (owner >= 0 && (allowed === undefined || allowed[owner] === 1)) {
          top.add(first + index, scores[index] as number)
        }
      }
    })
    return top
  }

  /**
   * Scores all rows of a form, those that are free and those that may not be found too.
   *
   * @param components - How many of the first ones are read; all where it is `undefined`.
   * @param see - Told the scores of a block, in the form's own unit, and its first row; the next block overwrites them.
   */
  each(form: IndexPrecision, components: number | undefined, see: (first: number, scores: Float32Array) => void): void {
    const score = this.#scorer(form, components)
    const { end } = this.#memory
    for (let first = 0; first < end; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, end - first)
      score(this.#memory.blockAddress(first / BLOCK_ROWS), count)
      see(first, this.#memory.scores(count))
    }
  }

  /** Scores a block by its address. */
  #scorer(form: IndexPrecision, components: number | undefined): (block: number, count: number) => void {
    const { layout, kernels, scratch } = this.#memory
    if (isPacked(form)) {
      const packed = layout.packed.get(form) as PackedLayout
      const { codes, columns, scales } = packed
      const tables = scratch.tables.get(form) as number
      const read = columnsOf(form, packed, components)
      const groupBytes = columns * GROUP_ROWS
      return (block, count) => {
        kernels.dotNibbles(tables, block + codes, groupBytes, read, block + scales, count, scratch.scores)
      }
    }
    const { heads, headLength, tails, tailLength, scales } = layout[form]
    const kernel = form === 'float32' ? kernels.dotFloat32 : kernels.dotInt8
    const query = form === 'float32' ? scratch.float32 : scratch.int16
    const read = tailOf({ headLength, tailLength }, components)
    return (block, count) => {
      kernel(query, block + heads, headLength, block + tails, read, block + scales, count, scratch.scores)
    }
  }

  /**
   * Ranks a shortlist by the finest rows there are.
   *
   * @param capacity - Rows to keep.
   * @param components - How many of the first ones are read; all where it is left out.
   * @returns The highest scores.
   */
  rank(rows: Int32Array, capacity: number, components?: number): TopScores {
    const top = new TopScores(capacity, 'lowest')
    for (let start = 0; start < rows.length; start += MAX_SCORES) {
      const portion = rows.subarray(start, start + MAX_SCORES)
      this.#score(portion, components)
      const scores = this.#memory.scores(portion.length)
      for (let index = 0; index < portion.length; index++) {
        if ((scores[index] as number) > top.threshold) top.add(portion[index] as number, scores[index] as number)
      }
    }
    return top
  }

  #score(rows: Int32Array, components: number | undefined): void {
    const { layout, kernels, scratch } = this.#memory
    const form = this.finest
    if (isPacked(form)) {
      const plane = layout.packed.get(form) as PackedLayout
      const read = columnsOf(form, plane, components)
      this.#memory.putPackedPlaces(rows, plane)
      kernels.dotNibblesAt(scratch.tables.get(form) as number, scratch.places, read, rows.length, scratch.scores)
      return
    }
    const isFloat = form === 'float32'
    const plane = layout[form]
    const kernel = isFloat ? kernels.dotFloat32At : kernels.dotInt8At
    const query = isFloat ? scratch.float32 : scratch.int16
    this.#memory.putPlaces(rows, plane, isFloat ? Float32Array.BYTES_PER_ELEMENT : 1)
    kernel(query, scratch.places, plane.headLength, tailOf(plane, components), rows.length, scratch.scores)
  }
}

/** Components of the tails to read. */
function tailOf(
  { headLength, tailLength }: Pick<PlaneLayout, 'headLength' | 'tailLength'>,
  components = Infinity,
): number {
  return Math.min(tailLength, Math.max(0, components - headLength))
}

/** Bytes of the rows to read. */
function columnsOf(form: PackedForm, { columns }: PackedLayout, components = Infinity): number {
  return Math.min(columns, codeBytes(form, components))
}
