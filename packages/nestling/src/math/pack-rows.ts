import type { Shape } from './matrix.js'

/** The numbers of one vector, as databases, JSON and other libraries have them. */
export type VectorNumbers = Float32Array | Float64Array | readonly number[]

/** Vectors in one array. */
export interface PackedRows {
  readonly data: Float32Array<ArrayBuffer>
  readonly shape: Shape
}

/**
 * Tells whether a value is numbers of a vector, or a list of such.
 *
 * @param value - Anything.
 * @returns Whether it is; its elements are not looked at.
 */
export function isRows(value: unknown): value is VectorNumbers | readonly VectorNumbers[] {
  return Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array
}

/**
 * Copies vectors into one array of float32.
 *
 * @param rows - A vector, or a list of vectors of one length. A list whose first element is a number is one vector.
 * @returns Their numbers, row-major, of the shape `[dim]` or `[rows, dim]`.
 * @throws {TypeError} If a row is not a list of numbers.
 * @throws {RangeError} If there are none, their lengths differ, or a number is not finite in float32.
 */
export function packRows(rows: VectorNumbers | readonly VectorNumbers[]): PackedRows {
  const isOne = !Array.isArray(rows) || typeof rows[0] === 'number'
  const list = isOne ? [rows] : rows
  const dim = (list[0] as VectorNumbers | undefined)?.length ?? 0
  if (dim === 0) throw refusal(RangeError, 'rows', 'no numbers')
  const data = new Float32Array(list.length * dim)
  for (const [row, values] of list.entries()) {
    const place = isOne ? 'rows' : `rows[${row}]`
    if (!isRows(values)) throw refusal(TypeError, place, show(values))
    if (values.length !== dim) throw refusal(RangeError, `${place}.length`, `${values.length}, not ${dim}`)
    // By index: a list may have holes.
    for (let column = 0; column < dim; column++) {
      const value: unknown = values[column]
      if (typeof value !== 'number') throw refusal(TypeError, `${place}[${column}]`, show(value))
      data[row * dim + column] = value
      if (!Number.isFinite(data[row * dim + column])) throw refusal(RangeError, `${place}[${column}]`, show(value))
    }
  }
  return { data, shape: isOne ? [dim] : [list.length, dim] }
}

function refusal(kind: typeof TypeError | typeof RangeError, place: string, shown: string): Error {
  return new kind(
    `Cannot make embeddings as rows must be equally long lists of numbers that are finite in float32: current value of ${place} is ${shown}`,
  )
}

function show(value: unknown): string {
  if (typeof value === 'number') return `${value}`
  return typeof value === 'string' ? JSON.stringify(value) : Object.prototype.toString.call(value)
}
