import { BLOCK } from './quantize'

/**
 * Packs int8 weights `[columns, depth]` for `multiplyInt8`: panels of 8 columns, in each the columns' next 4 weights side by side.
 * Depth is filled up to a multiple of 16 and columns to one of 8, with zeros. Also writes the columns' factors, and for each panel and
 * block of depths the sums of its columns' weights.
 */
export function packInt8(
  source: usize,
  scales: usize,
  columns: i32,
  depth: i32,
  target: usize,
  factors: usize,
  totals: usize,
): void {
  const padded = (depth + 15) & ~15
  const blocks = (padded + <i32>BLOCK - 1) / <i32>BLOCK
  for (let column = 0; column < ((columns + 7) & ~7); column++) {
    // Place of the column in its panel: two vectors of four columns each depth of four.
    let to = target + <usize>((column & ~7) * padded + ((column & 7) << 2))
    let sum = totals + <usize>(((column >> 3) * blocks << 5) + ((column & 7) << 2))
    const from = source + <usize>(column * depth)
    for (let start = 0; start < padded; start += <i32>BLOCK, sum += 32) {
      let total = 0
      for (let place = start; place < min(padded, start + <i32>BLOCK); place += 4, to += 32) {
        const four = column < columns ? readFour(from, place, depth) : 0
        total += <i32>(<i8>four) + <i32>(<i8>(four >> 8)) + <i32>(<i8>(four >> 16)) + (four >> 24)
        writeFour(to, column, four)
      }
      store<f32>(sum, <f32>total)
    }
    store<f32>(factors + (<usize>column << 2), column < columns ? load<f32>(scales + (<usize>column << 2)) : 0)
  }
}

/** Reads four weights of a column as the bytes of a number; zeros behind its end. */
@inline
function readFour(column: usize, place: i32, depth: i32): i32 {
  if (place + 4 <= depth) return load<i32>(column + <usize>place)
  let four = 0
  for (let rest = place; rest < depth; rest++) {
    four |= <i32>load<u8>(column + <usize>rest) << ((rest - place) << 3)
  }
  return four
}

/** Writes a column's next four weights. Without relaxed SIMD a vector has the first two of each of its four columns first. */
@inline
function writeFour(target: usize, column: i32, four: i32): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    store<i32>(target, four)
    return
  }
  // Columns lie 4 bytes apart in the vector, and must be 2 apart in each of its halves.
  const pair = target - (<usize>(column & 3) << 1)
  store<i16>(pair, <i16>four)
  store<i16>(pair, <i16>(four >> 16), 8)
}

/**
 * Packs float32 weights `[columns, depth]` for `multiplyFloat32`: panels of 8 columns, in each the columns' next weight side by side.
 * Columns are filled up to a multiple of 8 with zeros.
 */
export function packFloat32(source: usize, columns: i32, depth: i32, target: usize): void {
  for (let column = 0; column < ((columns + 7) & ~7); column++) {
    let to = target + (<usize>((column & ~7) * depth + (column & 7)) << 2)
    const from = source + (<usize>(column * depth) << 2)
    for (let place = 0; place < depth; place++, to += 32) {
      store<f32>(to, column < columns ? load<f32>(from + (<usize>place << 2)) : 0)
    }
  }
}
