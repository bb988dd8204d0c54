import { multiplyAdd, sumOf } from './simd'

/**
 * Normalises rows to mean 0 and variance 1, then scales and shifts them; in place where target and source are the same.
 *
 * @see `torch.nn.LayerNorm`
 */
export function layerNorm(
  source: usize,
  sourceStride: usize,
  rows: i32,
  columns: i32,
  factors: usize,
  offsets: usize,
  epsilon: f32,
  target: usize,
  targetStride: usize,
): void {
  const size = (<usize>columns) << 2
  const whole = size & ~15
  for (let row = 0; row < rows; row++, source += sourceStride, target += targetStride) {
    let lanes = f32x4.splat(0)
    let at: usize = 0
    for (; at < whole; at += 16) lanes = f32x4.add(lanes, v128.load(source + at))
    let sum = sumOf(lanes)
    for (; at < size; at += 4) sum += load<f32>(source + at)
    const mean = sum / <f32>columns
    const means = f32x4.splat(mean)
    lanes = f32x4.splat(0)
    for (at = 0; at < whole; at += 16) {
      const distance = f32x4.sub(v128.load(source + at), means)
      lanes = multiplyAdd(distance, distance, lanes)
    }
    sum = sumOf(lanes)
    for (; at < size; at += 4) {
      const distance = load<f32>(source + at) - mean
      sum += distance * distance
    }
    const inverse: f32 = <f32>1 / sqrt<f32>(sum / <f32>columns + epsilon)
    const inverses = f32x4.splat(inverse)
    for (at = 0; at < whole; at += 16) {
      const value = f32x4.mul(f32x4.sub(v128.load(source + at), means), inverses)
      v128.store(target + at, multiplyAdd(value, v128.load(factors + at), v128.load(offsets + at)))
    }
    for (; at < size; at += 4) {
      const value = (load<f32>(source + at) - mean) * inverse
      store<f32>(target + at, value * load<f32>(factors + at) + load<f32>(offsets + at))
    }
  }
}

/**
 * Divides rows by the root of their mean square, then scales them; in place where target and source are the same.
 *
 * @see `torch.nn.RMSNorm`
 */
export function rootMeanSquareNorm(
  source: usize,
  sourceStride: usize,
  rows: i32,
  columns: i32,
  factors: usize,
  offsets: usize,
  epsilon: f32,
  target: usize,
  targetStride: usize,
): void {
  const size = (<usize>columns) << 2
  const whole = size & ~15
  for (let row = 0; row < rows; row++, source += sourceStride, target += targetStride) {
    let lanes = f32x4.splat(0)
    let at: usize = 0
    for (; at < whole; at += 16) {
      const value = v128.load(source + at)
      lanes = multiplyAdd(value, value, lanes)
    }
    let sum = sumOf(lanes)
    for (; at < size; at += 4) {
      const value = load<f32>(source + at)
      sum += value * value
    }
    const inverse: f32 = <f32>1 / sqrt<f32>(sum / <f32>columns + epsilon)
    const inverses = f32x4.splat(inverse)
    for (at = 0; at < whole; at += 16) {
      const value = f32x4.mul(v128.load(source + at), inverses)
      v128.store(target + at, multiplyAdd(value, v128.load(factors + at), v128.load(offsets + at)))
    }
    for (; at < size; at += 4) {
      store<f32>(target + at, load<f32>(source + at) * inverse * load<f32>(factors + at) + load<f32>(offsets + at))
    }
  }
}
