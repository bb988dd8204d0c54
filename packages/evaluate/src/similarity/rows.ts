/** Vectors of one length as float32, row after row. */
export interface Rows {
  /** Values, row-major: `[count, dim]`. */
  readonly data: Float32Array
  /** Number of vectors. */
  readonly count: number
  /** Components of a vector. */
  readonly dim: number
}

/**
 * Takes some of the rows.
 *
 * @param rows - Rows.
 * @param start - The first one to take.
 * @param end - The one after the last.
 * @returns A view.
 */
export function sliceRows({ data, dim }: Rows, start: number, end: number): Rows {
  return { data: data.subarray(start * dim, end * dim), count: end - start, dim }
}
