/**
 * Sorts a distance into a bucket: near ones have one each, far ones share them, on a scale of logarithms.
 *
 * @param distance - Key's place less the query's.
 * @param count - Buckets for both directions together.
 * @param maxDistance - From here on all share the last bucket.
 * @see `transformers.models.t5.modeling_t5.T5Attention._relative_position_bucket`
 */
export function distanceBucket(distance: number, count: number, maxDistance: number): number {
  const half = Math.floor(count / 2)
  const exact = Math.floor(half / 2)
  const start = distance > 0 ? half : 0
  const length = Math.abs(distance)
  if (length < exact) return start + length
  // In float32, as Python computes it: a quotient next to an integer must fall on the same side.
  const ratio = Math.fround(
    Math.fround(Math.log(Math.fround(length / exact))) / Math.fround(Math.log(maxDistance / exact)),
  )
  return start + Math.min(half - 1, exact + Math.trunc(Math.fround(ratio * (half - exact))))
}
