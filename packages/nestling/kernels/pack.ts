/**
 * Packs int8 weights `[columns, depth]` for `multiplyInt8`: panels of 8 columns, in each the columns' next 4 weights side by side.
 * Depth is filled up to a multiple of 16 and columns to one of 8, with zeros. Also writes factors, and totals: the sum of a column's
 * weights times its factor.
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
  for (let column = 0; column < ((columns + 7) & ~7); column++) {
    // Place of the column in its panel: two vectors of four columns each depth of four.
    let to = target + <usize>((column & ~7) * padded + ((column & 7) << 2))
    const from = source + <usize>column * <usize>depth
    let total = 0
    for (let place = 0; place < padded; place += 4, to += 32) {
      if (column < columns && place + 4 <= depth) {
        const four = load<i32>(from + <usize>place)
        total += <i32>(<i8>four) + <i32>(<i8>(four >> 8)) + <i32>(<i8>(four >> 16)) + (four >> 24)
        writeFour(to, column, four)
        continue
      }
      let four = 0
      for (let rest = place; column < columns && rest < min(depth, place + 4); rest++) {
        const weight = <i32>load<i8>(from + <usize>rest)
        total += weight
        four |= (weight & 255) << ((rest - place) << 3)
      }
      writeFour(to, column, four)
    }
    const factor: f32 = column < columns ? load<f32>(scales + (<usize>column << 2)) : 0
    store<f32>(factors + (<usize>column << 2), factor)
    store<f32>(totals + (<usize>column << 2), factor * <f32>total)
  }
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

/** Writes int8 weights `[rows, columns]` as float32: each row times its scale. */
export function dequantize(source: usize, scales: usize, rows: i32, columns: i32, target: usize): void {
  for (let row = 0; row < rows; row++) {
    const scale = load<f32>(scales + (<usize>row << 2))
    for (let column = 0; column < columns; column++) {
      store<f32>(target + (<usize>column << 2), scale * <f32>load<i8>(source + <usize>column))
    }
    source += <usize>columns
    target += <usize>columns << 2
  }
}
