import { multiplyAdd } from './simd'

/** Writes one row of each id: of a float32 table, or of an int8 one with a scale a row. */
export function gatherRows(
  ids: usize,
  rows: i32,
  columns: i32,
  table: usize,
  scales: usize,
  factor: f32,
  target: usize,
  targetStride: usize,
): void {
  for (let row = 0; row < rows; row++, target += targetStride) {
    const id = <usize>load<i32>(ids + ((<usize>row) << 2))
    if (scales == 0) {
      const source = table + id * ((<usize>columns) << 2)
      for (let at: usize = 0; at < (<usize>columns) << 2; at += 4) {
        store<f32>(target + at, load<f32>(source + at) * factor)
      }
    } else {
      const source = table + id * <usize>columns
      const scale = load<f32>(scales + (id << 2)) * factor
      for (let at: usize = 0; at < <usize>columns; at++) {
        store<f32>(target + (at << 2), <f32>load<i8>(source + at) * scale)
      }
    }
  }
}

/** Adds one row of a float32 table for each id; without ids, row 0 to all. */
export function addTableRows(
  ids: usize,
  rows: i32,
  columns: i32,
  table: usize,
  target: usize,
  targetStride: usize,
): void {
  const size = (<usize>columns) << 2
  for (let row = 0; row < rows; row++, target += targetStride) {
    const id: usize = ids == 0 ? 0 : <usize>load<i32>(ids + ((<usize>row) << 2))
    const source = table + id * size
    let at: usize = 0
    for (; at < (size & ~15); at += 16) {
      v128.store(target + at, f32x4.add(v128.load(target + at), v128.load(source + at)))
    }
    for (; at < size; at += 4) store<f32>(target + at, load<f32>(target + at) + load<f32>(source + at))
  }
}

/** Adds rows to rows. Reads and writes in steps of four: strides are multiples of 16 bytes. */
export function addRows(source: usize, rows: i32, columns: i32, target: usize, stride: usize): void {
  for (let row = 0; row < rows; row++, source += stride, target += stride) {
    for (let at: usize = 0; at < (<usize>columns) << 2; at += 16) {
      v128.store(target + at, f32x4.add(v128.load(target + at), v128.load(source + at)))
    }
  }
}

/** Sums rows by weights into one; rows of weight 0 are not read, as they may hold anything. */
export function sumRows(source: usize, stride: usize, rows: i32, columns: i32, weights: usize, target: usize): void {
  const size = (<usize>columns) << 2
  memory.fill(target, 0, size)
  for (let row = 0; row < rows; row++, source += stride) {
    const weight = load<f32>(weights + ((<usize>row) << 2))
    if (weight == 0) continue
    const factors = f32x4.splat(weight)
    let at: usize = 0
    for (; at < (size & ~15); at += 16) {
      v128.store(target + at, multiplyAdd(v128.load(source + at), factors, v128.load(target + at)))
    }
    for (; at < size; at += 4) store<f32>(target + at, load<f32>(target + at) + weight * load<f32>(source + at))
  }
}

/** Takes the largest of each column; `least` where there are no rows. */
export function maxRows(source: usize, stride: usize, rows: i32, columns: i32, least: f32, target: usize): void {
  const size = (<usize>columns) << 2
  for (let at: usize = 0; at < size; at += 4) {
    let largest = least
    for (let row = 0; row < rows; row++) largest = max(largest, load<f32>(source + <usize>row * stride + at))
    store<f32>(target + at, largest)
  }
}

/**
 * Turns the pairs (i, i + half) of each head by the angle of the row's position: cosines and sines are tables `[positions, half]`.
 *
 * @see `transformers.models.llama.modeling_llama.apply_rotary_pos_emb`
 */
export function rotateRows(
  values: usize,
  stride: usize,
  positions: usize,
  rows: i32,
  heads: i32,
  half: i32,
  cosines: usize,
  sines: usize,
): void {
  const size = (<usize>half) << 2
  for (let row = 0; row < rows; row++, values += stride) {
    const place = <usize>load<i32>(positions + ((<usize>row) << 2)) * size
    for (let head = 0; head < heads; head++) {
      const low = values + <usize>head * (size << 1)
      for (let at: usize = 0; at < size; at += 4) {
        const a = load<f32>(low + at)
        const b = load<f32>(low + size + at)
        const cosine = load<f32>(cosines + place + at)
        const sine = load<f32>(sines + place + at)
        store<f32>(low + at, a * cosine - b * sine)
        store<f32>(low + size + at, b * cosine + a * sine)
      }
    }
  }
}
