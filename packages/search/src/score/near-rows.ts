/* eslint max-params: ['error', 6] -- a kernel takes numbers. */
import type { FloatRows } from '@nestling/kit/math/float-rows'
import { MIN_NORM, normOf } from '@nestling/kit/math/norm'
import { encodeRow } from '@nestling/kit/math/row-codec'

/** Rows that one call may list. */
const MOST_FOUND = 1024

/** Components that say most of a nested vector; a multiple of 16. */
const HEAD_LENGTH = 64

const PAGE_BYTES = 65_536

/** Where the plan is; nothing of ours is at 0. */
const PLAN = 1024

/** Floats that the kernel needs of a row beside its levels. */
const FACTS = 3

/** More than what float32 and the rounding of scores can add to a cosine. */
const SLACK = 1e-5

/** What the kernel of `kernels/pairs.ts` is to TypeScript. */
type RowsNear = (plan: number, row: number, first: number, end: number, least: number, found: number) => number

/** Rows in int8 that tell which others may be near to one of them: none that is near is left out. */
export class NearRows {
  readonly #memory: WebAssembly.Memory
  readonly #rowsNear: RowsNear
  readonly #found: number

  /**
   * Copies rows.
   *
   * @param module - The kernels, compiled.
   * @param rows - Rows of any length; cosines are compared.
   * @throws {RangeError} If the browser gives no memory.
   */
  constructor(module: WebAssembly.Module, { data, count, dim }: FloatRows) {
    const headLength = Math.min(HEAD_LENGTH, Math.ceil(dim / 16) * 16)
    const tailLength = Math.ceil(Math.max(0, dim - headLength) / 16) * 16
    this.#found = PLAN + 32
    const facts = this.#found + 4 * MOST_FOUND
    const heads = Math.ceil((facts + 4 * FACTS * count) / 16) * 16
    const tails = heads + headLength * count
    const bytes = tails + tailLength * count
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) })
    const { buffer } = this.#memory
    new Uint32Array(buffer, PLAN, 5).set([heads, headLength, tails, tailLength, facts])
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } })
    this.#rowsNear = exports['rowsNear'] as RowsNear

    const levels = new Int8Array(dim)
    const unit = new Float32Array(dim)
    for (let row = 0; row < count; row++) {
      const values = data.subarray(row * dim, (row + 1) * dim)
      const norm = Math.max(normOf(values), MIN_NORM)
      for (let place = 0; place < dim; place++) unit[place] = (values[place] as number) / norm
      const scale = encodeRow(unit, 'int8', levels)
      new Int8Array(buffer, heads + row * headLength, headLength).set(levels.subarray(0, headLength))
      if (tailLength > 0) new Int8Array(buffer, tails + row * tailLength).set(levels.subarray(headLength))
      const error = Math.sqrt(
        unit.reduce((sum, value, place) => sum + (value - scale * (levels[place] as number)) ** 2, 0),
      )
      new Float32Array(buffer, facts + 4 * FACTS * row, FACTS).set([scale, error, normOf(unit.subarray(headLength))])
    }
  }

  /**
   * Lists rows whose cosine with a row may be so much.
   *
   * @param first - The first to look at.
   * @param end - Behind the last, at most 1024 further.
   * @param least - The cosine.
   * @returns Their numbers, a view that the next call writes over.
   */
  of(row: number, first: number, end: number, least: number): Int32Array {
    const count = this.#rowsNear(PLAN, row, first, end, least - SLACK, this.#found)
    return new Int32Array(this.#memory.buffer, this.#found, count)
  }
}
