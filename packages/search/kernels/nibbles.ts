/** Rows that lie side by side: byte `j` of all of them, then byte `j + 1` of all. So one instruction looks sixteen up in one table. */
const GROUP_ROWS: usize = 16

/** Bytes of the four tables of a column: of its upper and its lower four bits, each as the low and the high seven bits of 16 values. */
const COLUMN_TABLES: usize = 64

/** Columns whose sums an uint16 holds: each adds at most 254. */
const COLUMN_RUN: i32 = 256

/** What was added to the two values of a column, so that none is negative: twice 8192. */
const COLUMN_BIAS: i32 = 16_384

/** Sums of the even bytes, which the odd ones ran into, without them. */
@inline
function evenOf(all: v128, odd: v128): v128 {
  return i16x8.sub(all, i16x8.shl(odd, 8))
}

/** Four sums of 14 bits. */
@inline
function joined(low: v128, high: v128): v128 {
  return i32x4.add(low, i32x4.shl(high, 7))
}

@inline
function storeFour(total: v128, scales: usize, scores: usize): void {
  v128.store(scores, f32x4.mul(v128.load(scales), f32x4.convert_i32x4_s(total)))
}

/**
 * Scores rows of few bits by tables of what each four bits of a row add: scores[i] = scales[i] * sum. Rows come in groups of 16, of
 * which the first `columns` bytes are read; whole groups are scored, also where `count` ends before.
 */
export function dotNibbles(
  tables: usize,
  groups: usize,
  groupBytes: usize,
  columns: i32,
  scales: usize,
  count: i32,
  scores: usize,
): void {
  const lower = i8x16.splat(15)
  for (let row = 0; row < count; row += <i32>GROUP_ROWS) {
    let total0 = i32x4.splat(-COLUMN_BIAS * columns)
    let total1 = total0
    let total2 = total0
    let total3 = total0
    let at = groups
    let table = tables
    for (let left = columns; left > 0; left -= COLUMN_RUN) {
      let lowAll = i16x8.splat(0)
      let lowOdd = i16x8.splat(0)
      let highAll = i16x8.splat(0)
      let highOdd = i16x8.splat(0)
      const end = at + GROUP_ROWS * <usize>min(left, COLUMN_RUN)
      while (at < end) {
        const codes = v128.load(at)
        const upper = v128.and(i16x8.shr_u(codes, 4), lower)
        const under = v128.and(codes, lower)
        const low = i8x16.add(i8x16.swizzle(v128.load(table), upper), i8x16.swizzle(v128.load(table, 32), under))
        const high = i8x16.add(i8x16.swizzle(v128.load(table, 16), upper), i8x16.swizzle(v128.load(table, 48), under))
        lowAll = i16x8.add(lowAll, low)
        lowOdd = i16x8.add(lowOdd, i16x8.shr_u(low, 8))
        highAll = i16x8.add(highAll, high)
        highOdd = i16x8.add(highOdd, i16x8.shr_u(high, 8))
        at += GROUP_ROWS
        table += COLUMN_TABLES
      }
      const lowEven = evenOf(lowAll, lowOdd)
      const highEven = evenOf(highAll, highOdd)
      const lowFirst = v128.shuffle<u16>(lowEven, lowOdd, 0, 8, 1, 9, 2, 10, 3, 11)
      const lowLast = v128.shuffle<u16>(lowEven, lowOdd, 4, 12, 5, 13, 6, 14, 7, 15)
      const highFirst = v128.shuffle<u16>(highEven, highOdd, 0, 8, 1, 9, 2, 10, 3, 11)
      const highLast = v128.shuffle<u16>(highEven, highOdd, 4, 12, 5, 13, 6, 14, 7, 15)
      total0 = i32x4.add(total0, joined(i32x4.extend_low_i16x8_u(lowFirst), i32x4.extend_low_i16x8_u(highFirst)))
      total1 = i32x4.add(total1, joined(i32x4.extend_high_i16x8_u(lowFirst), i32x4.extend_high_i16x8_u(highFirst)))
      total2 = i32x4.add(total2, joined(i32x4.extend_low_i16x8_u(lowLast), i32x4.extend_low_i16x8_u(highLast)))
      total3 = i32x4.add(total3, joined(i32x4.extend_high_i16x8_u(lowLast), i32x4.extend_high_i16x8_u(highLast)))
    }
    storeFour(total0, scales, scores)
    storeFour(total1, scales + 16, scores + 16)
    storeFour(total2, scales + 32, scores + 32)
    storeFour(total3, scales + 48, scores + 48)
    groups += groupBytes
    scales += 64
    scores += 64
  }
}

/** What four bits add, with its bias. */
@inline
function valueAt(table: usize, bits: usize): i32 {
  return <i32>load<u8>(table + bits) + (<i32>load<u8>(table + bits, 16) << 7)
}

/**
 * Scores rows of few bits that lie anywhere: `places` has the addresses of first byte and scale of each.
 */
export function dotNibblesAt(tables: usize, places: usize, columns: i32, count: i32, scores: usize): void {
  for (let i = 0; i < count; i++) {
    let total = -COLUMN_BIAS * columns
    let at: usize = load<u32>(places)
    let table = tables
    for (let column = 0; column < columns; column++) {
      const codes: usize = load<u8>(at)
      total += valueAt(table, codes >> 4) + valueAt(table + 32, codes & 15)
      at += GROUP_ROWS
      table += COLUMN_TABLES
    }
    store<f32>(scores, load<f32>(load<u32>(places, 4)) * <f32>total)
    places += 8
    scores += 4
  }
}
