/**
 * Makes token ids of the default model's vocabulary by a linear congruential generator: the same in every run.
 *
 * @param count - How many.
 */
export function createIds(count: number): Int32Array<ArrayBuffer> {
  let state = 1
  return Int32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return 1000 + (state % 28_000)
  })
}
