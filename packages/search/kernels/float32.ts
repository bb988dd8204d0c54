/** Adds the four lanes. */
@inline
function sumOf(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3))
}

/** Dot product of `length` floats, a multiple of 4. Four sums, as one would wait for itself. */
@inline
function dot(query: usize, row: usize, length: i32): v128 {
  let sum0 = f32x4.splat(0)
  let sum1 = f32x4.splat(0)
  let sum2 = f32x4.splat(0)
  let sum3 = f32x4.splat(0)
  const end = row + (<usize>length << 2)
  const end16 = row + (<usize>(length & ~15) << 2)
  while (row < end16) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(query), v128.load(row)))
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(query, 16), v128.load(row, 16)))
    sum2 = f32x4.add(sum2, f32x4.mul(v128.load(query, 32), v128.load(row, 32)))
    sum3 = f32x4.add(sum3, f32x4.mul(v128.load(query, 48), v128.load(row, 48)))
    query += 64
    row += 64
  }
  while (row < end) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(query), v128.load(row)))
    query += 16
    row += 16
  }
  return f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3))
}

/**
 * Scores consecutive rows, of which the first components and the others lie apart: scores[i] = scales[i] * (query . row i).
 */
export function dotFloat32(
  query: usize,
  heads: usize,
  headLength: i32,
  tails: usize,
  tailLength: i32,
  scales: usize,
  count: i32,
  scores: usize,
): void {
  const headBytes = <usize>headLength << 2
  const tailBytes = <usize>tailLength << 2
  for (let i = 0; i < count; i++) {
    let sum = dot(query, heads, headLength)
    if (tailLength > 0) sum = f32x4.add(sum, dot(query + headBytes, tails, tailLength))
    store<f32>(scores, load<f32>(scales) * sumOf(sum))
    heads += headBytes
    tails += tailBytes
    scales += 4
    scores += 4
  }
}

/**
 * Scores rows that lie anywhere: `places` has the addresses of head, tail and scale of each.
 */
export function dotFloat32At(
  query: usize,
  places: usize,
  headLength: i32,
  tailLength: i32,
  count: i32,
  scores: usize,
): void {
  const headBytes = <usize>headLength << 2
  for (let i = 0; i < count; i++) {
    let sum = dot(query, load<u32>(places), headLength)
    if (tailLength > 0) sum = f32x4.add(sum, dot(query + headBytes, load<u32>(places, 4), tailLength))
    store<f32>(scores, load<f32>(load<u32>(places, 8)) * sumOf(sum))
    places += 12
    scores += 4
  }
}
