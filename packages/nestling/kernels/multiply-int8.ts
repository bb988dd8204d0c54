import { writeOutputs } from './multiply-float32'
import { BLOCK } from './quantize'
import { multiplyAdd } from './simd'

/** Adds four products to each of four sums: lane n gets the weights of column n at four depths, times one row's activations there. */
@inline
function add(weights: v128, input: usize, offset: usize, sums: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, v128.load32_splat(input + offset), sums)
}

/** As {@link add}, in two steps: what engines make of the one is these two and a constant made anew each time, where x86 lacks VNNI. */
@inline
function addInSteps(weights: v128, input: usize, offset: usize, sums: v128): v128 {
  const pairs = i16x8.relaxed_dot_i8x16_i7x16_s(weights, v128.load32_splat(input + offset))
  return i32x4.add(sums, i32x4.dot_i16x8_s(pairs, i16x8.splat(1)))
}

/** As {@link add} for two depths, in int16: where relaxed SIMD is missing. */
@inline
function addPair(weights: v128, input: usize, offset: usize, sums: v128): v128 {
  return i32x4.add(sums, i32x4.dot_i16x8_s(weights, v128.load32_splat(input + offset)))
}

/** Adds a block's products to the sums of a row: scale * products + least * total. */
@inline
function addBlock(sums: v128, products: v128, range: usize, total: v128): v128 {
  const scaled = multiplyAdd(v128.load32_splat(range), f32x4.convert_i32x4_s(products), sums)
  return multiplyAdd(v128.load32_splat(range, 4), total, scaled)
}

/** Writes eight outputs of a row: sum * factor + bias, added to what was there where that is asked for. */
@inline
function write(output: usize, sums0: v128, sums1: v128, factors: usize, biases: usize, isSum: bool): void {
  const value0 = multiplyAdd(sums0, v128.load(factors), v128.load(biases))
  const value1 = multiplyAdd(sums1, v128.load(factors, 16), v128.load(biases, 16))
  writeOutputs(output, value0, value1, isSum)
}

/**
 * Multiplies quantised rows with packed int8 weights, output = input * transpose(weights) + bias, in tiles of 4 rows and 8 columns.
 *
 * `input` is what `quantizeRows` wrote: groups of 4 rows, in each the rows' next activations side by side, so that one pointer reads
 * all. An activation is least + scale * q with q from 0 to 127; `ranges` holds scale and least of each row in each block of 128.
 * `weights` and `totals` are what `packInt8` wrote: the weights, and their sums in each block. `factors` has the scale of each column's
 * weights. `rows` is a multiple of 4, `columns` of 8, `depth` of 16. `inSteps` chooses the way that is faster where x86 lacks VNNI, see
 * `probeProducts`; results are the same.
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
  inSteps: bool,
): void {
  const panelTotals = ((depth + BLOCK - 1) / BLOCK) << 5
  for (let first = 0; first < columns; first += 8) {
    const column = <usize>first << 2
    const panel = weights + <usize>first * depth
    const panelEnd = panel + (depth << 3)
    let at = input
    let range = ranges
    let out = output + column
    for (let row = 0; row < rows; row += 4) {
      let sumA0 = f32x4.splat(0)
      let sumA1 = f32x4.splat(0)
      let sumB0 = f32x4.splat(0)
      let sumB1 = f32x4.splat(0)
      let sumC0 = f32x4.splat(0)
      let sumC1 = f32x4.splat(0)
      let sumD0 = f32x4.splat(0)
      let sumD1 = f32x4.splat(0)
      let total = totals
      for (let block = panel; block < panelEnd; block += BLOCK << 3) {
        const end = min(panelEnd, block + (BLOCK << 3))
        let a0 = i32x4.splat(0)
        let a1 = i32x4.splat(0)
        let b0 = i32x4.splat(0)
        let b1 = i32x4.splat(0)
        let c0 = i32x4.splat(0)
        let c1 = i32x4.splat(0)
        let d0 = i32x4.splat(0)
        let d1 = i32x4.splat(0)
        if (!ASC_FEATURE_RELAXED_SIMD) {
          for (let weight = block; weight < end; weight += 32) {
            const w0 = v128.load(weight)
            const w1 = v128.load(weight, 16)
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
        } else if (inSteps) {
          for (let weight = block; weight < end; weight += 64) {
            let w0 = v128.load(weight)
            let w1 = v128.load(weight, 16)
            a0 = addInSteps(w0, at, 0, a0)
            a1 = addInSteps(w1, at, 0, a1)
            b0 = addInSteps(w0, at, 4, b0)
            b1 = addInSteps(w1, at, 4, b1)
            c0 = addInSteps(w0, at, 8, c0)
            c1 = addInSteps(w1, at, 8, c1)
            d0 = addInSteps(w0, at, 12, d0)
            d1 = addInSteps(w1, at, 12, d1)
            w0 = v128.load(weight, 32)
            w1 = v128.load(weight, 48)
            a0 = addInSteps(w0, at, 16, a0)
            a1 = addInSteps(w1, at, 16, a1)
            b0 = addInSteps(w0, at, 20, b0)
            b1 = addInSteps(w1, at, 20, b1)
            c0 = addInSteps(w0, at, 24, c0)
            c1 = addInSteps(w1, at, 24, c1)
            d0 = addInSteps(w0, at, 28, d0)
            d1 = addInSteps(w1, at, 28, d1)
            at += 32
          }
        } else {
          for (let weight = block; weight < end; weight += 64) {
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
          }
        }
        const total0 = v128.load(total)
        const total1 = v128.load(total, 16)
        sumA0 = addBlock(sumA0, a0, range, total0)
        sumA1 = addBlock(sumA1, a1, range, total1)
        sumB0 = addBlock(sumB0, b0, range + 8, total0)
        sumB1 = addBlock(sumB1, b1, range + 8, total1)
        sumC0 = addBlock(sumC0, c0, range + 16, total0)
        sumC1 = addBlock(sumC1, c1, range + 16, total1)
        sumD0 = addBlock(sumD0, d0, range + 24, total0)
        sumD1 = addBlock(sumD1, d1, range + 24, total1)
        range += 32
        total += 32
      }
      write(out, sumA0, sumA1, factors + column, biases + column, isSum)
      out += outputStride
      write(out, sumB0, sumB1, factors + column, biases + column, isSum)
      out += outputStride
      write(out, sumC0, sumC1, factors + column, biases + column, isSum)
      out += outputStride
      write(out, sumD0, sumD1, factors + column, biases + column, isSum)
      out += outputStride
    }
    totals += panelTotals
  }
}

/** How this machine multiplies, see `probeProducts`. */
const WRONG = 0
const FUSED = 1
const IN_STEPS = 2

/**
 * Finds out how the dot product is computed here: wrong (some baseline compilers of V8 had it so), in one instruction, or in steps, which
 * are then better written out. Uses 48 bytes.
 *
 * Where x86 lacks VNNI the steps go through sums of 16 bits that saturate: activations of 8 bits, which nothing else uses, show that.
 */
export function probeProducts(scratch: usize): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return IN_STEPS
  for (let at: usize = 0; at < 16; at++) {
    // The extremes side by side, where 16 bits are full.
    store<i8>(scratch + at, at < 8 ? (at & 1 ? -127 : 127) : <i8>(13 * <i32>at - 127))
    store<u8>(scratch + at, <u8>(127 - (at & 3) * (at >> 2)), 16)
  }
  const products = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(scratch), v128.load(scratch, 16), i32x4.splat(1))
  v128.store(scratch, products, 32)
  for (let lane: usize = 0; lane < 4; lane++) {
    let sum = 1
    for (let at = lane << 2; at < (lane + 1) << 2; at++) {
      sum += <i32>load<i8>(scratch + at) * <i32>load<u8>(scratch + at, 16)
    }
    if (sum != load<i32>(scratch + (lane << 2), 32)) return WRONG
  }
  memory.fill(scratch, 127, 16)
  memory.fill(scratch + 16, 255, 16)
  const full = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(scratch), v128.load(scratch, 16), i32x4.splat(0))
  return i32x4.extract_lane(full, 0) == 2 * i16.MAX_VALUE ? IN_STEPS : FUSED
}
