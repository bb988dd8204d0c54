import { exponential } from './activation'
import { multiplyTile } from './multiply-float32'
import { maxOf, multiplyAdd, sumOf } from './simd'

/** What a hidden score becomes: its exponential is next to nothing. */
const HIDDEN: f32 = -1e30

/** Query rows whose scores are in memory at a time: 16 rows of 512 keys are 32 kB, a first-level cache. */
const BLOCK_ROWS = 16

/** Writes the keys of one head for tiles of 8: for each component, those of 8 keys side by side. Reads up to 7 rows behind the last. */
function packKeys(keys: usize, stride: usize, length: i32, headDim: i32, target: usize): void {
  for (let key = 0; key < length; key += 4) {
    const source = keys + <usize>key * stride
    let to = target + (<usize>((key & ~7) * headDim + (key & 4)) << 2)
    let at: usize = 0
    for (; at < <usize>(headDim & ~3) << 2; at += 16) {
      const a = v128.load(source + at)
      const b = v128.load(source + stride + at)
      const c = v128.load(source + 2 * stride + at)
      const d = v128.load(source + 3 * stride + at)
      const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
      const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
      const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
      const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
      v128.store(to, v128.shuffle<i64>(abLow, cdLow, 0, 2))
      v128.store(to, v128.shuffle<i64>(abLow, cdLow, 1, 3), 32)
      v128.store(to, v128.shuffle<i64>(abHigh, cdHigh, 0, 2), 64)
      v128.store(to, v128.shuffle<i64>(abHigh, cdHigh, 1, 3), 96)
      to += 128
    }
    for (; at < <usize>headDim << 2; at += 4, to += 32) {
      for (let next: usize = 0; next < 4; next++) {
        store<f32>(to + (next << 2), load<f32>(source + next * stride + at))
      }
    }
  }
}

/** Hides scores from `start` to before `end`. */
@inline
function hide(scores: usize, start: i32, end: i32): void {
  for (let key = start; key < end; key++) store<f32>(scores + (<usize>key << 2), HIDDEN)
}

/**
 * Makes exponentials of a row of scores, largest 1, and gives their sum. `biases` points at the score to add for the first key, or
 * is 0. The row is a multiple of 8 long.
 */
function softmax(scores: usize, size: usize, scale: f32, biases: usize, start: i32, end: i32): f32 {
  const factors = f32x4.splat(scale)
  if (biases != 0) {
    for (let at: usize = 0; at < size; at += 16) {
      v128.store(scores + at, multiplyAdd(v128.load(scores + at), factors, v128.load(biases + at)))
    }
  }
  hide(scores, 0, start)
  hide(scores, end, <i32>(size >> 2))
  let largest = f32x4.splat(HIDDEN)
  for (let at: usize = 0; at < size; at += 16) largest = f32x4.pmax(v128.load(scores + at), largest)
  const used = biases == 0 ? scale : 1
  const uses = f32x4.splat(used)
  // A negative scale would make the largest the smallest; there is none.
  const offset = f32x4.splat(-maxOf(largest) * used)
  let sum = f32x4.splat(0)
  for (let at: usize = 0; at < size; at += 16) {
    const value = exponential(multiplyAdd(v128.load(scores + at), uses, offset))
    sum = f32x4.add(sum, value)
    v128.store(scores + at, value)
  }
  return sumOf(sum)
}

/** Divides a row by its sum of exponentials. */
@inline
function divide(row: usize, columns: i32, sum: f32): void {
  const inverse = f32x4.splat(1 / sum)
  for (let at: usize = 0; at < <usize>columns << 2; at += 16) {
    v128.store(row + at, f32x4.mul(v128.load(row + at), inverse))
  }
}

/**
 * Computes attention of one head over one text: output = softmax(scale * queries * transpose(keys) + biases) * values.
 *
 * Keys were packed. `scores` has room for 16 rows of a multiple of 8, and 16 bytes. Rows are worked on in fours and columns in eights, so up to 3 rows behind the text and 7 columns behind the head
 * are overwritten: heads and texts follow one another upwards, and what is behind the last is not used.
 */
function attendHead(
  queries: usize,
  stride: usize,
  length: i32,
  headDim: i32,
  packedKeys: usize,
  values: usize,
  scale: f32,
  biases: usize,
  isCausal: bool,
  maxDistance: i32,
  scores: usize,
  output: usize,
  outputStride: usize,
): void {
  const size = <usize>((length + 7) & ~7) << 2
  const sums = scores + <usize>BLOCK_ROWS * size
  const zero = f32x4.splat(0)
  for (let block = 0; block < length; block += BLOCK_ROWS) {
    const end = min(length, block + BLOCK_ROWS)
    for (let key = 0; key < length; key += 8) {
      const matrix = packedKeys + (<usize>(key * headDim) << 2)
      for (let row = block; row < end; row += 4) {
        const target = scores + <usize>(row - block) * size + (<usize>key << 2)
        multiplyTile(queries + <usize>row * stride, stride, headDim, matrix, 32, zero, zero, target, size, false)
      }
    }
    for (let row = block; row < end; row += 4) {
      const rowScores = scores + <usize>(row - block) * size
      const target = output + <usize>row * outputStride
      const first = max(0, row - maxDistance)
      const last = min(length, row + 4 + (isCausal ? 0 : maxDistance))
      for (let next = 0; next < 4; next++) {
        // Rows behind the text are computed as its last one: their numbers must stay harmless.
        const place = min(row + next, length - 1)
        const start = max(0, place - maxDistance)
        const stop = min(length, place + 1 + (isCausal ? 0 : maxDistance))
        const bias: usize = biases == 0 ? 0 : biases - (<usize>place << 2)
        store<f32>(
          sums + (<usize>next << 2),
          softmax(rowScores + <usize>next * size, size, scale, bias, start, stop),
        )
      }
      for (let column = 0; column < headDim; column += 8) {
        const at = <usize>column << 2
        multiplyTile(
          rowScores + (<usize>first << 2),
          size,
          last - first,
          values + <usize>first * stride + at,
          stride,
          zero,
          zero,
          target + at,
          outputStride,
          false,
        )
      }
      for (let next: usize = 0; next < 4; next++) {
        divide(target + next * outputStride, headDim, load<f32>(sums + (next << 2)))
      }
    }
  }
}

/**
 * Computes attention of all heads over one text. Queries, keys and values lie in the same rows; each group of heads shares a head of
 * keys and values. `biases` has one row of `biasStride` bytes a head, `biases` itself standing at distance 0 of head 0; 0 for none.
 */
export function attend(
  queries: usize,
  keys: usize,
  values: usize,
  stride: usize,
  length: i32,
  heads: i32,
  keyValueHeads: i32,
  headDim: i32,
  scale: f32,
  biases: usize,
  biasStride: usize,
  isCausal: bool,
  maxDistance: i32,
  packedKeys: usize,
  scores: usize,
  output: usize,
  outputStride: usize,
): void {
  const group = heads / keyValueHeads
  const headSize = <usize>headDim << 2
  for (let head = 0; head < heads; head++) {
    const shared = <usize>(head / group) * headSize
    if (head % group == 0) packKeys(keys + shared, stride, length, headDim, packedKeys)
    attendHead(
      queries + <usize>head * headSize,
      stride,
      length,
      headDim,
      packedKeys,
      values + shared,
      scale,
      biases == 0 ? 0 : biases + <usize>head * biasStride,
      isCausal,
      maxDistance,
      scores,
      output + <usize>head * headSize,
      outputStride,
    )
  }
}
