/** Most rounds of the power iteration; it ends earlier once the direction is steady. */
const MOST_ROUNDS = 200

/** Cosine between two rounds at which a direction counts as found. */
const STEADY = 1 - 1e-7

/** Vectors, row after row. */
export interface Rows {
  readonly data: Float32Array
  readonly count: number
  readonly dim: number
}

/**
 * Projects rows on the plane in which they differ most: the first two principal components, by power iteration on the centred rows. The
 * covariance matrix is never made.
 *
 * @param rows - Rows; they stay as they are.
 * @returns Coordinates `x, y` of each row; the sign of each axis is that which makes its largest coordinate positive.
 * @see {@link https://en.wikipedia.org/wiki/Principal_component_analysis#Iterative_computation | iterative computation}
 */
export function principalPlane(rows: Rows): Float32Array {
  const centred = centre(rows)
  const plane = new Float32Array(rows.count * 2)
  for (const axis of [0, 1]) {
    const direction = leadingDirection(centred)
    const coordinates = multiply(centred, direction)
    const sign = signOfLargest(coordinates)
    for (const [row, value] of coordinates.entries()) plane[row * 2 + axis] = sign * value
    subtract(centred, coordinates, direction)
  }
  return plane
}

function centre({ data, count, dim }: Rows): Rows {
  const mean = new Float64Array(dim)
  for (let index = 0; index < data.length; index++) mean[index % dim] = (mean[index % dim] ?? 0) + (data[index] ?? 0)
  return { data: data.map((value, index) => value - (mean[index % dim] ?? 0) / count), count, dim }
}

function leadingDirection(rows: Rows): Float64Array {
  // A fixed start that no data is likely to be orthogonal to.
  let direction = unit(Float64Array.from({ length: rows.dim }, (_, index) => Math.sin(index + 1)))
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = unit(multiplyTransposed(rows, multiply(rows, direction)))
    const cosine = next.reduce((sum, value, index) => sum + value * (direction[index] ?? 0), 0)
    direction = next
    if (cosine > STEADY) break
  }
  return direction
}

function multiply({ data, count, dim }: Rows, vector: Float64Array): Float64Array {
  const product = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    let sum = 0
    for (let column = 0; column < dim; column++) sum += (data[row * dim + column] ?? 0) * (vector[column] ?? 0)
    product[row] = sum
  }
  return product
}

function multiplyTransposed({ data, count, dim }: Rows, vector: Float64Array): Float64Array {
  const product = new Float64Array(dim)
  for (let row = 0; row < count; row++) {
    const weight = vector[row] ?? 0
    for (let column = 0; column < dim; column++) {
      product[column] = (product[column] ?? 0) + weight * (data[row * dim + column] ?? 0)
    }
  }
  return product
}

function subtract({ data, count, dim }: Rows, coordinates: Float64Array, direction: Float64Array): void {
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < dim; column++) {
      const index = row * dim + column
      data[index] = (data[index] ?? 0) - (coordinates[row] ?? 0) * (direction[column] ?? 0)
    }
  }
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector)
  // All rows are equal: any direction will do.
  return length === 0 ? vector : vector.map((value) => value / length)
}

function signOfLargest(values: Float64Array): number {
  const largest = values.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
  return largest < 0 ? -1 : 1
}
