import { multiplyAdd } from './simd'

/** Where float32 overflows, and where it becomes zero. */
const MAX_EXPONENT: f32 = 88
const MIN_EXPONENT: f32 = -87.3

/** 1.5 * 2 ** 23: adding it rounds to an integer, which then stands in the lowest bits. */
const ROUNDER: f32 = 12582912

/**
 * Keeps values in a range, NaN as it is. The `p` forms are one instruction on x86; `min` and `max` are seven, for zeros of either sign.
 */
@inline
function clamp(value: v128, least: f32, most: f32): v128 {
  return f32x4.pmax(f32x4.pmin(value, f32x4.splat(most)), f32x4.splat(least))
}

/**
 * Computes e ** x, relative error below 2e-7.
 *
 * @see Cephes, expf: the range is reduced to half a binary digit in two steps, the rest is a polynomial.
 */
@inline
export function exponential(value: v128): v128 {
  const x = clamp(value, MIN_EXPONENT, MAX_EXPONENT)
  const shifted = multiplyAdd(x, f32x4.splat(1.44269504088896341), f32x4.splat(ROUNDER))
  const power = f32x4.sub(shifted, f32x4.splat(ROUNDER))
  const high = multiplyAdd(power, f32x4.splat(-0.693359375), x)
  const rest = multiplyAdd(power, f32x4.splat(2.12194440e-4), high)
  let series = f32x4.splat(1.9875691500e-4)
  series = multiplyAdd(series, rest, f32x4.splat(1.3981999507e-3))
  series = multiplyAdd(series, rest, f32x4.splat(8.3334519073e-3))
  series = multiplyAdd(series, rest, f32x4.splat(4.1665795894e-2))
  series = multiplyAdd(series, rest, f32x4.splat(1.6666665459e-1))
  series = multiplyAdd(series, rest, f32x4.splat(5.0000001201e-1))
  const result = f32x4.add(multiplyAdd(series, f32x4.mul(rest, rest), rest), f32x4.splat(1))
  // Two to the power, put into the exponent's bits.
  return i32x4.add(result, i32x4.shl(shifted, 23))
}

/**
 * Computes erf(x) as a quotient of polynomials, error below 3e-7.
 *
 * @see Eigen, `generic_fast_erf_float`
 */
@inline
function errorFunction(value: v128): v128 {
  const x = clamp(value, -4, 4)
  const square = f32x4.mul(x, x)
  let above = f32x4.splat(-2.72614225801306e-10)
  above = multiplyAdd(above, square, f32x4.splat(2.77068142495902e-8))
  above = multiplyAdd(above, square, f32x4.splat(-2.10102402082508e-6))
  above = multiplyAdd(above, square, f32x4.splat(-5.69250639462346e-5))
  above = multiplyAdd(above, square, f32x4.splat(-7.34990630326855e-4))
  above = multiplyAdd(above, square, f32x4.splat(-2.95459980854025e-3))
  above = multiplyAdd(above, square, f32x4.splat(-1.60960333262415e-2))
  let below = f32x4.splat(-1.45660718464996e-5)
  below = multiplyAdd(below, square, f32x4.splat(-2.13374055278905e-4))
  below = multiplyAdd(below, square, f32x4.splat(-1.68282697438203e-3))
  below = multiplyAdd(below, square, f32x4.splat(-7.37332916720468e-3))
  below = multiplyAdd(below, square, f32x4.splat(-1.42647390514189e-2))
  return f32x4.div(f32x4.mul(x, above), below)
}

@inline
function gelu(x: v128): v128 {
  const half = f32x4.mul(x, f32x4.splat(0.5))
  return multiplyAdd(half, errorFunction(f32x4.mul(x, f32x4.splat(0.7071067811865476))), half)
}

@inline
function sigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exponential(f32x4.neg(x))))
}

@inline
function tanh(x: v128): v128 {
  return f32x4.sub(f32x4.mul(f32x4.splat(2), sigmoid(f32x4.add(x, x))), f32x4.splat(1))
}

@inline
function geluTanh(x: v128): v128 {
  const cube = f32x4.mul(f32x4.mul(x, x), x)
  const inner = f32x4.mul(multiplyAdd(cube, f32x4.splat(0.044715), x), f32x4.splat(0.7978845608028654))
  // (1 + tanh(y)) / 2 is sigmoid(2 y).
  return f32x4.mul(x, sigmoid(f32x4.add(inner, inner)))
}

/** Applies an activation by its number, see ACTIVATION_NUMBERS of the driver. */
@inline
export function activateLanes(kind: i32, x: v128): v128 {
  switch (kind) {
    case 1:
      return gelu(x)
    case 2:
      return geluTanh(x)
    case 3:
      return f32x4.mul(x, sigmoid(f32x4.mul(x, f32x4.splat(1.702))))
    case 4:
      return f32x4.pmax(x, f32x4.splat(0))
    case 5:
      return f32x4.mul(x, sigmoid(x))
    case 6:
      return tanh(x)
    case 7:
      return sigmoid(x)
    default:
      return x
  }
}

/**
 * Applies an activation in place. Rows are read and written in steps of four, so strides are multiples of 16 bytes.
 */
export function activate(kind: i32, values: usize, stride: usize, rows: i32, columns: i32): void {
  // The common one has a loop of its own: a switch for each vector costs as much as the function.
  if (kind == 1) {
    for (let row = 0; row < rows; row++, values += stride) {
      const end = values + (<usize>columns << 2)
      for (let at = values; at < end; at += 16) v128.store(at, gelu(v128.load(at)))
    }
    return
  }
  if (kind == 0) return
  for (let row = 0; row < rows; row++, values += stride) {
    const end = values + (<usize>columns << 2)
    for (let at = values; at < end; at += 16) v128.store(at, activateLanes(kind, v128.load(at)))
  }
}

/**
 * Computes activation(gate) * up into the gate's place.
 */
export function activateGate(kind: i32, gate: usize, up: usize, stride: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++, gate += stride, up += stride) {
    const size = <usize>columns << 2
    for (let at: usize = 0; at < size; at += 16) {
      v128.store(gate + at, f32x4.mul(activateLanes(kind, v128.load(gate + at)), v128.load(up + at)))
    }
  }
}
