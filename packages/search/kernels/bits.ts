/**
 * Scores consecutive rows of packed bits, `length` bytes each, a multiple of 16: scores[i] = -(bits of row i that differ from the query's).
 */
export function hamming(query: usize, rows: usize, length: i32, count: i32, scores: usize): void {
  for (let i = 0; i < count; i++) {
    let total = i32x4.splat(0)
    let at = query
    const end = rows + length
    while (rows < end) {
      const bits = i8x16.popcnt(v128.xor(v128.load(at), v128.load(rows)))
      total = i32x4.add(total, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bits)))
      at += 16
      rows += 16
    }
    const sum =
      i32x4.extract_lane(total, 0) +
      i32x4.extract_lane(total, 1) +
      (i32x4.extract_lane(total, 2) + i32x4.extract_lane(total, 3))
    store<f32>(scores, -(<f32>sum))
    scores += 4
  }
}
