/**
 * Dot product of `length` int8 with int16, a multiple of 16, in int32: exact where the query is small enough (see `toInt16` of the driver).
 */
@inline
function dot(query: usize, row: usize, length: i32): v128 {
  let sum0 = i32x4.splat(0)
  let sum1 = i32x4.splat(0)
  const end = row + length
  while (row < end) {
    const values = v128.load(row)
    sum0 = i32x4.add(sum0, i32x4.dot_i16x8_s(v128.load(query), i16x8.extend_low_i8x16_s(values)))
    sum1 = i32x4.add(sum1, i32x4.dot_i16x8_s(v128.load(query, 16), i16x8.extend_high_i8x16_s(values)))
    query += 32
    row += 16
  }
  return i32x4.add(sum0, sum1)
}

@inline
function sumOf(a: v128): i32 {
  return i32x4.extract_lane(a, 0) + i32x4.extract_lane(a, 1) + (i32x4.extract_lane(a, 2) + i32x4.extract_lane(a, 3))
}

/**
 * Scores consecutive rows of int8 by a query of int16, as `dotFloat32` does.
 */
export function dotInt8(
  query: usize,
  heads: usize,
  headLength: i32,
  tails: usize,
  tailLength: i32,
  scales: usize,
  count: i32,
  scores: usize,
): void {
  const tailQuery = query + (<usize>headLength << 1)
  for (let i = 0; i < count; i++) {
    let sum = dot(query, heads, headLength)
    if (tailLength > 0) sum = i32x4.add(sum, dot(tailQuery, tails, tailLength))
    store<f32>(scores, load<f32>(scales) * <f32>sumOf(sum))
    heads += headLength
    tails += tailLength
    scales += 4
    scores += 4
  }
}

/**
 * Scores rows of int8 that lie anywhere, as `dotFloat32At` does.
 */
export function dotInt8At(
  query: usize,
  places: usize,
  headLength: i32,
  tailLength: i32,
  count: i32,
  scores: usize,
): void {
  const tailQuery = query + (<usize>headLength << 1)
  for (let i = 0; i < count; i++) {
    let sum = dot(query, load<u32>(places), headLength)
    if (tailLength > 0) sum = i32x4.add(sum, dot(tailQuery, load<u32>(places, 4), tailLength))
    store<f32>(scores, load<f32>(load<u32>(places, 8)) * <f32>sumOf(sum))
    places += 12
    scores += 4
  }
}
