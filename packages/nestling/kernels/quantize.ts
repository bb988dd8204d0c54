import { maxOf, minOf, multiplyAdd } from './simd'

/** Levels of an activation: 7 bits. */
const LEVELS: f32 = 127

/**
 * Activations of a row that share a range. What a norm puts out has a few large components in ever the same places: with one range a row
 * they cost the others their precision (mean cosine .9931 to float32 on the golden texts of minilm-l6, .9975 with blocks of 128, as much
 * as 8 bits without blocks). A block costs 24 instructions in 800.
 */
export const BLOCK: usize = 128

/** 1.5 * 2 ** 23: adding it rounds to an integer, which then stands in the lowest bits. */
const ROUNDER: f32 = 12582912

/** Quantises four values to integers in four lanes of 32 bits. The mask keeps a NaN from giving a byte above 127. */
@inline
function quantizeLanes(source: usize, offset: usize, least: v128, inverse: v128): v128 {
  const scaled = multiplyAdd(f32x4.sub(v128.load(source + offset), least), inverse, f32x4.splat(ROUNDER))
  return v128.and(scaled, i32x4.splat(127))
}

/** The next 16 bytes of a row: 16 activations of one byte, or 8 of two bytes where relaxed SIMD is missing. */
@inline
function quantizeVector(source: usize, least: v128, inverse: v128): v128 {
  const low = i16x8.narrow_i32x4_s(
    quantizeLanes(source, 0, least, inverse),
    quantizeLanes(source, 16, least, inverse),
  )
  if (!ASC_FEATURE_RELAXED_SIMD) return low
  const high = i16x8.narrow_i32x4_s(
    quantizeLanes(source, 32, least, inverse),
    quantizeLanes(source, 48, least, inverse),
  )
  return i8x16.narrow_i16x8_s(low, high)
}

/** Finds what a row is quantised with: writes scale and least value, and leaves the inverse of the scale behind them. */
function findRange(source: usize, columns: i32, range: usize): f32 {
  let least = v128.load32_splat(source)
  let most = least
  const end = source + ((<usize>columns >> 2) << 4)
  let at = source
  for (; at < end; at += 16) {
    const values = v128.load(at)
    least = f32x4.pmin(values, least)
    most = f32x4.pmax(values, most)
  }
  let low = minOf(least)
  let high = maxOf(most)
  for (const last = source + (<usize>columns << 2); at < last; at += 4) {
    low = min(low, load<f32>(at))
    high = max(high, load<f32>(at))
  }
  const scale = (high - low) / LEVELS
  store<f32>(range, scale)
  store<f32>(range, low, 4)
  return scale > 0 ? 1 / scale : 0
}

/** Quantises one block of 4 rows. */
@inline
function quantizeBlock(source: usize, stride: usize, columns: i32, target: usize, range: usize): void {
  const step: usize = ASC_FEATURE_RELAXED_SIMD ? 64 : 32
  const source1 = source + stride
  const source2 = source1 + stride
  const source3 = source2 + stride
  const inverse0 = f32x4.splat(findRange(source, columns, range))
  const inverse1 = f32x4.splat(findRange(source1, columns, range + 8))
  const inverse2 = f32x4.splat(findRange(source2, columns, range + 16))
  const inverse3 = f32x4.splat(findRange(source3, columns, range + 24))
  const least0 = v128.load32_splat(range, 4)
  const least1 = v128.load32_splat(range, 12)
  const least2 = v128.load32_splat(range, 20)
  const least3 = v128.load32_splat(range, 28)
  const size = ((<usize>columns + 15) & ~15) << 2
  for (let at: usize = 0; at < size; at += step) {
    const a = quantizeVector(source + at, least0, inverse0)
    const b = quantizeVector(source1 + at, least1, inverse1)
    const c = quantizeVector(source2 + at, least2, inverse2)
    const d = quantizeVector(source3 + at, least3, inverse3)
    const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
    const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
    v128.store(target, v128.shuffle<i64>(abLow, cdLow, 0, 2))
    v128.store(target, v128.shuffle<i64>(abLow, cdLow, 1, 3), 16)
    v128.store(target, v128.shuffle<i64>(abHigh, cdHigh, 0, 2), 32)
    v128.store(target, v128.shuffle<i64>(abHigh, cdHigh, 1, 3), 48)
    target += 64
  }
}

/**
 * Quantises rows to 7 bits, each block of a row by its own range: value = least + scale * q.
 *
 * Groups of 4 rows are written one after another; in each, the rows' next 4 bytes stand side by side. `rows` is a multiple of 4. A row
 * is read to a multiple of 16 values; what stands behind its end meets weights of zero.
 */
export function quantizeRows(
  source: usize,
  stride: usize,
  rows: i32,
  columns: i32,
  target: usize,
  ranges: usize,
): void {
  const bytes: usize = ASC_FEATURE_RELAXED_SIMD ? 4 : 8
  for (let row = 0; row < rows; row += 4) {
    for (let column = 0; column < columns; column += <i32>BLOCK) {
      const width = min(columns - column, <i32>BLOCK)
      quantizeBlock(source + (<usize>column << 2), stride, width, target, ranges)
      target += ((<usize>width + 15) & ~15) * bytes
      ranges += 32
    }
    source += stride << 2
  }
}

/**
 * Quantises weights `[rows, columns]` to int8, each row by its largest magnitude, and writes their scales.
 */
export function quantizeWeights(source: usize, rows: i32, columns: i32, target: usize, scales: usize): void {
  for (let row = 0; row < rows; row++) {
    let largest: f32 = 0
    for (let column = 0; column < columns; column++) {
      largest = max(largest, abs(load<f32>(source + (<usize>column << 2))))
    }
    const scale = largest / 127
    const inverse: f32 = scale > 0 ? 1 / scale : 0
    store<f32>(scales + (<usize>row << 2), scale)
    for (let column = 0; column < columns; column++) {
      store<i8>(target + <usize>column, <i8>nearest(load<f32>(source + (<usize>column << 2)) * inverse))
    }
    source += <usize>columns << 2
    target += <usize>columns
  }
}
