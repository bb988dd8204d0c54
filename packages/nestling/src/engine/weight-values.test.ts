import { describe, expect, it } from 'vitest'
import type { WeightDtype, WeightRef } from '../model/encoder-spec.js'
import { rowsOf } from '../model/weights/weight-rows.js'
import { toFloat32 } from './weight-values.js'

/** One byte in front, so that nothing is aligned. */
function fileOf(...bytes: number[]): Uint8Array {
  return Uint8Array.of(0, ...bytes)
}

function weightOf(dtype: WeightDtype, byteLength: number, shape: number[]): WeightRef {
  return { name: 'w', file: 'f', offset: 1, byteLength, shape, dtype }
}

const SCALE: WeightRef = { name: 'w_scale', file: 'f', offset: 1, byteLength: 8, shape: [2, 1], dtype: 'F32' }
const INT8: WeightRef = { name: 'w', file: 'f', offset: 9, byteLength: 6, shape: [2, 3], dtype: 'I8', scale: SCALE }
const INT8_FILE = fileOf(...new Uint8Array(Float32Array.of(0.5, 2).buffer), 1, 0x80, 127, 3, 0xff, 0)

describe('toFloat32()', () => {
  it('reads float32 wherever it lies', () => {
    const file = fileOf(...new Uint8Array(Float32Array.of(1.5, -2).buffer))
    expect(Array.from(toFloat32(weightOf('F32', 8, [2]), file))).toEqual([1.5, -2])
  })

  it('reads float16: normal, subnormal, signed zero, infinities', () => {
    // 1, -2, 65504, 2^-24, 2^-14 (smallest normal), -0, infinity: https://en.wikipedia.org/wiki/Half-precision_floating-point_format
    const halves = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x8000, 0x7c00]
    const file = fileOf(...halves.flatMap((half) => [half & 0xff, half >> 8]))
    expect(Array.from(toFloat32(weightOf('F16', 14, [7]), file))).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
      -0,
      Infinity,
    ])
  })

  it('reads bfloat16: the upper half of a float32', () => {
    // 1, -2, 3.140625, -0
    const file = fileOf(0x80, 0x3f, 0x00, 0xc0, 0x49, 0x40, 0x00, 0x80)
    expect(Array.from(toFloat32(weightOf('BF16', 8, [4]), file))).toEqual([1, -2, 3.140625, -0])
  })

  it('multiplies each row of int8 by its scale', () => {
    expect(Array.from(toFloat32(INT8, INT8_FILE))).toEqual([0.5, -64, 63.5, 6, -2, 0])
  })

  it('reads some rows alone, with their own scales', () => {
    expect(Array.from(toFloat32(rowsOf(INT8, 1, 1), INT8_FILE))).toEqual([6, -2, 0])
  })
})
