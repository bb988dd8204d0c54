/** Largest level of int8 rows. */
const TOP_LEVEL = 127

/** Largest sum that an int32 holds. */
const MAX_SUM = 2_147_483_647

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
