import { ARRAY_OF, type Precision, type PrecisionData } from './precision.js'

/** `[dim]` for one vector, `[rows, columns]` for a matrix. */
export type Shape = readonly [number] | MatrixShape

/** `[rows, columns]`. */
export type MatrixShape = readonly [number, number]

/** A matrix of any shape and precision. */
export type AnyMatrix = Matrix<Shape, Precision>

/**
 * Holds numbers row-major in one packed array: float32, or what a lower precision of embeddings has.
 *
 * Only plain data fields, so that an instance survives a structured clone (as a plain object with the same fields).
 */
export class Matrix<S extends Shape = readonly [number, number], P extends Precision = 'float32'> {
  /** All values, row after row. */
  readonly data: PrecisionData[P]
  /** `[rows, columns]`, or `[columns]` for a single row. Packed bits count bytes, as numpy does. */
  readonly shape: S
  /** What the values are. */
  readonly precision: P

  /**
   * Wraps values without copying them.
   *
   * @param data - Values, row-major.
   * @param shape - `[rows, columns]`, or `[columns]` for a single row.
   * @param precision - What the values stand for.
   * @throws {TypeError} If the array is not the one of the precision.
   * @throws {RangeError} If the shape does not fit the number of values.
   */
  constructor(data: PrecisionData[P], shape: S, precision: P = 'float32' as P) {
    if (!(data instanceof ARRAY_OF[precision])) {
      throw new TypeError(
        `Cannot make a matrix of ${precision} as its data must be a ${ARRAY_OF[precision].name}: current value is ${Object.prototype.toString.call(data)}`,
      )
    }
    const size = shape.reduce((product: number, length) => product * length, 1)
    if (size !== data.length) {
      throw new RangeError(
        `Cannot shape a matrix as [${shape.join(', ')}] needs ${size} values: current length is ${data.length}`,
      )
    }
    this.data = data
    this.shape = shape
    this.precision = precision
  }

  /** Number of rows; 1 for a single vector. */
  get count(): number {
    return this.shape.length === 1 ? 1 : this.shape[0]
  }

  /** Length of a row in values; packed bits hold eight components in each. */
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
  row(index: number): PrecisionData[P] {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(
        `Cannot read a row as index must be an integer from 0 to ${this.count - 1}: current value is ${index}`,
      )
    }
    return this.data.subarray(index * this.dim, (index + 1) * this.dim) as PrecisionData[P]
  }

  /**
   * Walks through the rows.
   *
   * @returns An iterator of views, as {@link Matrix.row} gives them.
   */
  *[Symbol.iterator](): Generator<PrecisionData[P], void, undefined> {
    for (let index = 0; index < this.count; index++) yield this.row(index)
  }
}
