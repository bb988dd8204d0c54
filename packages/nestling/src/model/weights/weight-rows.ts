import type { LinearSpec, WeightRef } from '../encoder-spec.js'

/**
 * Takes some rows of a weight as a weight of their own: no byte is copied.
 *
 * @param weight - A matrix, or a vector whose entries count as rows.
 * @param start - First row.
 * @returns The part.
 */
export function rowsOf(weight: WeightRef, start: number, count: number): WeightRef {
  const [rows = 1, ...rest] = weight.shape
  const rowBytes = weight.byteLength / rows
  const part: WeightRef = {
    ...weight,
    name: `${weight.name}[${start}:${start + count}]`,
    offset: weight.offset + start * rowBytes,
    byteLength: count * rowBytes,
    shape: [count, ...rest],
  }
  return weight.scale === undefined ? part : { ...part, scale: rowsOf(weight.scale, start, count) }
}

/**
 * Splits a linear layer that computes several things at once, such as query, key and value.
 *
 * @param linear - The fused layer.
 * @param sizes - Outputs of each part, in order.
 * @returns One layer a part.
 */
export function splitLinear(linear: LinearSpec, sizes: readonly number[]): LinearSpec[] {
  let start = 0
  return sizes.map((size) => {
    const weight = rowsOf(linear.weight, start, size)
    const bias = linear.bias === undefined ? undefined : rowsOf(linear.bias, start, size)
    start += size
    return bias === undefined ? { weight } : { weight, bias }
  })
}
