/** A matrix in int8 with one scale a row; `values[row, column] * scales[row]` is near what it was made from. */
export interface QuantisedRows {
  /** Row-major, -127 to 127. */
  readonly values: Int8Array
  /** One a row. */
  readonly scales: Float32Array
}

/** -128 is left unused, so that the range is symmetric and kernels may negate a weight without overflow. */
const MAX_INT8 = 127

/** Below this a float32 loses digits, and a scale without its digits would put weights off by more than half a step. */
const SMALLEST_NORMAL_FLOAT32 = 2 ** -126

/**
 * Quantises each row of a matrix to int8, symmetrically.
 *
 * The scale of a row is its greatest magnitude / 127, rounded to float32 before it is divided by, as the reader multiplies by
 * that rounded scale. A row of zeros (or of values too small for a scale) gets the scale 1.
 *
 * Shape: `[rows, columns]`, row-major float32.
 *
 * @param weights - The matrix; all values are finite.
 * @returns Values and scales, each element within half a scale of its weight.
 * @throws {RangeError} If the rows have no equal length, or a weight is not finite.
 */
export function quantiseRows(weights: Float32Array, rowCount: number): QuantisedRows {
  const columnCount = weights.length / rowCount
  if (!Number.isInteger(columnCount)) {
    throw new RangeError(
      `Cannot quantise rows as ${weights.length} weights must fill them: current count of rows is ${rowCount}`,
    )
  }
  const values = new Int8Array(weights.length)
  const scales = new Float32Array(rowCount)
  for (let row = 0; row < rowCount; row++) {
    const start = row * columnCount
    const scale = rowScale(weights.subarray(start, start + columnCount))
    scales[row] = scale
    for (let index = start; index < start + columnCount; index++) {
      const rounded = roundHalfToEven((weights[index] ?? 0) / scale)
      values[index] = Math.max(-MAX_INT8, Math.min(MAX_INT8, rounded))
    }
  }
  return { values, scales }
}

function rowScale(row: Float32Array): number {
  let greatest = 0
  for (const weight of row) {
    if (!Number.isFinite(weight)) {
      throw new RangeError(`Cannot quantise a row as its weights must be finite: current value is ${weight}`)
    }
    greatest = Math.max(greatest, Math.abs(weight))
  }
  const scale = Math.fround(greatest / MAX_INT8)
  return scale < SMALLEST_NORMAL_FLOAT32 ? 1 : scale
}

/** As NumPy and PyTorch round; `Math.round` alone sends halves up, which shifts a whole row towards plus infinity. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value)
  const isHalf = rounded - value === 0.5
  return isHalf && rounded % 2 !== 0 ? rounded - 1 : rounded
}
