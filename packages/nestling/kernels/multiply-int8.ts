import { multiplyAdd } from './simd'

/** Adds four products to each of four sums: lane n gets the weights of column n at four depths, times one row's activations there. */
@inline
function add(weights: v128, input: usize, offset: usize, sums: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, v128.load32_splat(input + offset), sums)
}

/** As {@link add} for two depths, in int16: where relaxed SIMD is missing. */
@inline
function addPair(weights: v128, input: usize, offset: usize, sums: v128): v128 {
  return i32x4.add(sums, i32x4.dot_i16x8_s(weights, v128.load32_splat(input + offset)))
}

/** Writes eight outputs of a row: sum * factor * scale + least * total + bias, added to what was there where that is asked for. */
@inline
function write(
  output: usize,
  sums0: v128,
  sums1: v128,
  range: usize,
  column: usize,
  factors: usize,
  totals: usize,
  biases: usize,
  isSum: bool,
): void {
  const scale = v128.load32_splat(range)
  const least = v128.load32_splat(range, 4)
  let value0 = multiplyAdd(least, v128.load(totals + column), v128.load(biases + column))
  let value1 = multiplyAdd(least, v128.load(totals + column, 16), v128.load(biases + column, 16))
  value0 = multiplyAdd(f32x4.mul(scale, v128.load(factors + column)), f32x4.convert_i32x4_s(sums0), value0)
  value1 = multiplyAdd(f32x4.mul(scale, v128.load(factors + column, 16)), f32x4.convert_i32x4_s(sums1), value1)
  if (isSum) {
    value0 = f32x4.add(value0, v128.load(output))
    value1 = f32x4.add(value1, v128.load(output, 16))
  }
  v128.store(output, value0)
  v128.store(output, value1, 16)
}

/**
 * Multiplies quantised rows with packed int8 weights, output = input * transpose(weights) + bias, in tiles of 4 rows and 8 columns.
 *
 * `input` is what `quantizeRows` wrote: groups of 4 rows, in each the rows' next activations side by side, so that one pointer reads
 * all. A row's activation is least + scale * q with q from 0 to 127; `ranges` holds scale and least of each row. `weights` is what
 * `packInt8` wrote. `factors` has the scale of each column's weights, `totals` their sum times that. `rows` is a multiple of 4,
 * `columns` of 8, `depth` of 16.
 *
 * A byte above 127 would give other results on other processors; `quantizeRows` writes none.
 */
export function multiplyInt8(
  input: usize,
  ranges: usize,
  rows: i32,
  weights: usize,
  depth: usize,
  columns: i32,
  factors: usize,
  totals: usize,
  biases: usize,
  output: usize,
  outputStride: usize,
  isSum: bool,
): void {
  for (let first = 0; first < columns; first += 8) {
    const column = <usize>first << 2
    const panel = weights + <usize>first * depth
    const end = panel + (depth << 3)
    let at = input
    let range = ranges
    let out = output + column
    for (let row = 0; row < rows; row += 4) {
      let a0 = i32x4.splat(0)
      let a1 = i32x4.splat(0)
      let b0 = i32x4.splat(0)
      let b1 = i32x4.splat(0)
      let c0 = i32x4.splat(0)
      let c1 = i32x4.splat(0)
      let d0 = i32x4.splat(0)
      let d1 = i32x4.splat(0)
      for (let weight = panel; weight < end; weight += 64) {
        if (ASC_FEATURE_RELAXED_SIMD) {
          let w0 = v128.load(weight)
          let w1 = v128.load(weight, 16)
          a0 = add(w0, at, 0, a0)
          a1 = add(w1, at, 0, a1)
          b0 = add(w0, at, 4, b0)
          b1 = add(w1, at, 4, b1)
          c0 = add(w0, at, 8, c0)
          c1 = add(w1, at, 8, c1)
          d0 = add(w0, at, 12, d0)
          d1 = add(w1, at, 12, d1)
          w0 = v128.load(weight, 32)
          w1 = v128.load(weight, 48)
          a0 = add(w0, at, 16, a0)
          a1 = add(w1, at, 16, a1)
          b0 = add(w0, at, 20, b0)
          b1 = add(w1, at, 20, b1)
          c0 = add(w0, at, 24, c0)
          c1 = add(w1, at, 24, c1)
          d0 = add(w0, at, 28, d0)
          d1 = add(w1, at, 28, d1)
          at += 32
        } else {
          for (let half = weight; half < weight + 64; half += 32) {
            const w0 = v128.load(half)
            const w1 = v128.load(half, 16)
            let v0 = i16x8.extend_low_i8x16_s(w0)
            let v1 = i16x8.extend_low_i8x16_s(w1)
            a0 = addPair(v0, at, 0, a0)
            a1 = addPair(v1, at, 0, a1)
            b0 = addPair(v0, at, 4, b0)
            b1 = addPair(v1, at, 4, b1)
            c0 = addPair(v0, at, 8, c0)
            c1 = addPair(v1, at, 8, c1)
            d0 = addPair(v0, at, 12, d0)
            d1 = addPair(v1, at, 12, d1)
            v0 = i16x8.extend_high_i8x16_s(w0)
            v1 = i16x8.extend_high_i8x16_s(w1)
            a0 = addPair(v0, at, 16, a0)
            a1 = addPair(v1, at, 16, a1)
            b0 = addPair(v0, at, 20, b0)
            b1 = addPair(v1, at, 20, b1)
            c0 = addPair(v0, at, 24, c0)
            c1 = addPair(v1, at, 24, c1)
            d0 = addPair(v0, at, 28, d0)
            d1 = addPair(v1, at, 28, d1)
            at += 32
          }
        }
      }
      write(out, a0, a1, range, column, factors, totals, biases, isSum)
      out += outputStride
      write(out, b0, b1, range + 8, column, factors, totals, biases, isSum)
      out += outputStride
      write(out, c0, c1, range + 16, column, factors, totals, biases, isSum)
      out += outputStride
      write(out, d0, d1, range + 24, column, factors, totals, biases, isSum)
      out += outputStride
      range += 32
    }
  }
}
