import { describe, expect, it } from 'vitest'
import type { WeightRef } from '../../model/encoder-spec.js'
import { dequantize } from './dequantize.js'

describe('dequantize()', () => {
  it('multiplies each row by its scale, wherever weight and scales lie', () => {
    const scales = new Uint8Array(Float32Array.of(0.5, 2).buffer)
    // One byte in front, so that the scales are not aligned.
    const file = Uint8Array.of(0, ...scales, 1, 0x80, 127, 3, 0xff, 0)
    const scale: WeightRef = { name: 'w_scale', file: 'f', offset: 1, byteLength: 8, shape: [2, 1], dtype: 'F32' }
    const weight: WeightRef = { name: 'w', file: 'f', offset: 9, byteLength: 6, shape: [2, 3], dtype: 'I8', scale }
    expect(Array.from(dequantize(weight, file))).toEqual([0.5, -64, 63.5, 6, -2, 0])
  })
})
