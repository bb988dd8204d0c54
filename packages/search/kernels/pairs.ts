/**
 * Dot product of `length` int8 with as many, a multiple of 16. No level is -128, so that two products fit into an int16.
 */
@inline
function dot(a: usize, b: usize, length: i32): v128 {
  let sum = i32x4.splat(0)
  const end = a + length
  while (a < end) {
    const left = v128.load(a)
    const right = v128.load(b)
    const products = i16x8.add(i16x8.extmul_low_i8x16_s(left, right), i16x8.extmul_high_i8x16_s(left, right))
    sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_s(products))
    a += 16
    b += 16
  }
  return sum
}

@inline
function sumOf(a: v128): i32 {
  return i32x4.extract_lane(a, 0) + i32x4.extract_lane(a, 1) + (i32x4.extract_lane(a, 2) + i32x4.extract_lane(a, 3))
}

/**
 * Lists the rows from `first` to `end` whose cosine with row `row` may be `least` or more; gives how many.
 *
 * `plan` has addresses and lengths: heads, length of a head, tails, length of a tail, facts. The facts of a row are three floats: what its levels are
 * to be multiplied with, the length of its rounding error, and the length of its tail. A tail adds at most the product of two lengths to what the heads
 * say (Cauchy and Schwarz), so that most tails are never read.
 */
export function rowsNear(plan: usize, row: i32, first: i32, end: i32, least: f32, found: usize): i32 {
  const headLength = load<i32>(plan, 4)
  const tailLength = load<i32>(plan, 12)
  const ownFacts = <usize>load<u32>(plan, 16) + 12 * <usize>row
  const scale = load<f32>(ownFacts)
  const error = load<f32>(ownFacts, 4)
  const tailNorm = load<f32>(ownFacts, 8)
  const ownHead = <usize>load<u32>(plan) + <usize>headLength * <usize>row
  const ownTail = <usize>load<u32>(plan, 8) + <usize>tailLength * <usize>row
  let head = <usize>load<u32>(plan) + <usize>headLength * <usize>first
  let tail = <usize>load<u32>(plan, 8) + <usize>tailLength * <usize>first
  let facts = <usize>load<u32>(plan, 16) + 12 * <usize>first
  let count = 0
  for (let other = first; other < end; other++) {
    const both = scale * load<f32>(facts)
    const room = error + (<f32>1 + error) * load<f32>(facts, 4)
    const sum = sumOf(dot(ownHead, head, headLength))
    if (both * <f32>sum + room + tailNorm * load<f32>(facts, 8) >= least) {
      const whole = sum + sumOf(dot(ownTail, tail, tailLength))
      if (both * <f32>whole + room >= least) {
        store<i32>(found, other)
        found += 4
        count++
      }
    }
    head += headLength
    tail += tailLength
    facts += 12
  }
  return count
}
