/** `[dim]` for one vector, `[rows, columns]` for a matrix. */
export type Shape = readonly [number] | readonly [number, number]

/**
 * Holds float32 numbers row-major in one packed array.
 *
 * Only plain data fields, so that an instance survives a structured clone (as a plain object with the same fields).
 */
export class Matrix<S extends Shape = readonly [number, number]> {
  /** All values, row after row. */
  readonly data: Float32Array
  /** `[rows, columns]`, or `[columns]` for a single row. */
  readonly shape: S

  /**
   * Wraps values without copying them.
   *
   * @param data - Values, row-major.
   * @param shape - Their shape.
   * @throws {RangeError} If the shape does not fit the number of values.
   */
  constructor(data: Float32Array, shape: S) {
    const size = shape.reduce((product: number, length) => product * length, 1)
    if (size !== data.length) {
      throw new RangeError(
        `Cannot shape a matrix as [${shape.join(', ')}] needs ${size} values: current length is ${data.length}`,
      )
    }
    this.data = data
    this.shape = shape
  }

  /** Number of rows; 1 for a single vector. */
  get count(): number {
    return this.shape.length === 1 ? 1 : this.shape[0]
  }

  /** Length of a row. */
  get dim(): number {
    return this.shape.length === 1 ? this.shape[0] : this.shape[1]
  }

  /**
   * Gives one row as a view: writing into it writes into the matrix.
   *
   * @param index - Row, from 0.
   * @returns A view of `dim` values.
   * @throws {RangeError} If there is no such row.
   */
  row(index: number): Float32Array {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(
        `Cannot read a row as index must be an integer from 0 to ${this.count - 1}: current value is ${index}`,
      )
    }
    return this.data.subarray(index * this.dim, (index + 1) * this.dim)
  }

  /**
   * Walks through the rows.
   *
   * @returns An iterator of views, as {@link Matrix.row} gives them.
   */
  *[Symbol.iterator](): Generator<Float32Array, void, undefined> {
    for (let index = 0; index < this.count; index++) yield this.row(index)
  }
}
