import { show } from '@nestling/kit/options/show'

/** Vectors of one length as float32, row after row; nestling's `Embeddings` are such. */
export interface Rows {
  /** Values, row-major: `[count, dim]`. */
  readonly data: Float32Array
  /** Number of vectors. */
  readonly count: number
  /** Components of a vector. */
  readonly dim: number
}

/**
 * Checks rows.
 *
 * @param what - The call, for the message.
 * @param name - The parameter.
 * @param rows - What the caller gave.
 * @throws {TypeError} If they are no rows of float32.
 * @throws {RangeError} If the values are not `count * dim`.
 */
export function checkRows(what: string, name: string, rows: Rows): void {
  const given: unknown = rows
  const { data, count, dim } = (typeof given === 'object' && given !== null ? given : {}) as Partial<Rows>
  if (!(data instanceof Float32Array) || count === undefined || dim === undefined) {
    throw new TypeError(
      `Cannot ${what} as ${name} must be { data: Float32Array, count, dim }: current value is ${show(given)}\nMake such of plain rows with Embeddings.from(rows) of nestling`,
    )
  }
  if (data.length === count * dim) return
  throw new RangeError(
    `Cannot ${what} as ${name} must have count * dim = ${count * dim} values: current value is ${data.length}`,
  )
}
