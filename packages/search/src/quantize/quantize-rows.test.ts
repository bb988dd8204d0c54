import { codeOf } from '@nestling/testing/outcome'
import { mulberry32 } from '@nestling/testing/mixtures'
import { describe, expect, it } from 'vitest'
import { dequantizeRows, quantizeRows, type QuantizedRows } from './quantize-rows.js'

/** Rows of 4, as NumPy's `unpackbits` and arithmetic have them. */
const ROWS = { data: Float32Array.of(1, -1, 3, -3, 0.5, 0.5, -0.5, 0.5), count: 2, dim: 4 }

describe('quantizeRows()', () => {
  it('gives codes and scales of each row', async () => {
    // By hand: signs 1010 and 1101; scales 20 / 8 and 1 / 2, the sum of squares by that of sizes.
    const { codes, scales } = await quantizeRows(ROWS, 'binary')
    expect(Array.from(codes)).toEqual([0b1010_0000, 0b1101_0000])
    expect(Array.from(scales)).toEqual([2.5, 0.5])
    // By hand: steps .9957 * 2.236 = 2.227 and .9957 * .5 = .498, so levels 1, -1, 3, -3 and 3, 3, -3, 3.
    const two = await quantizeRows(ROWS, 'int2')
    expect(Array.from(two.codes)).toEqual([0b1001_1100, 0b1111_0011])
    expect(Array.from((await dequantizeRows(two)).data.slice(0, 4))).toEqual([1, -1, 3, -3])
  })

  it('gives rows back about as they were', async () => {
    const random = mulberry32(1)
    const rows = { data: Float32Array.from({ length: 50 * 96 }, () => random() - 0.5), count: 50, dim: 96 }
    // By NumPy, with the same levels on 2000 such rows: .99999, .9954, .9657 and .8672.
    for (const [precision, least] of [
      ['int8', 0.9999],
      ['int4', 0.994],
      ['int2', 0.96],
      ['binary', 0.86],
    ] as const) {
      const { data } = await dequantizeRows(await quantizeRows(rows, precision))
      const product = data.reduce((sum, value, index) => sum + value * (rows.data[index] as number), 0)
      expect(product / Math.hypot(...data) / Math.hypot(...rows.data)).toBeGreaterThan(least)
    }
  })

  it('takes none', async () => {
    const none = await quantizeRows({ data: new Float32Array(0), count: 0, dim: 4 }, 'int4')
    expect(await dequantizeRows(none)).toEqual({ data: new Float32Array(0), count: 0, dim: 4 })
  })

  it('refuses what it cannot round', async () => {
    const bad = { data: Float32Array.of(1, NaN), count: 1, dim: 2 }
    await expect(quantizeRows(bad, 'int8')).rejects.toThrow('rows[0]')
    expect(await codeOf(quantizeRows(ROWS, undefined as unknown as 'int8'))).toBe('TypeError')
    expect(await codeOf(quantizeRows(ROWS, 'float32' as 'int8'))).toBe('TypeError')
    expect(await codeOf(quantizeRows([[1]] as never, 'int8'))).toBe('TypeError')
    expect(await codeOf(quantizeRows(ROWS, 'int8', { ranges: 1 } as never))).toBe('TypeError')
    expect(await codeOf(quantizeRows({ ...ROWS, dim: 5 }, 'int8'))).toBe('RangeError')
    const rows = await quantizeRows(ROWS, 'int2')
    expect(await codeOf(dequantizeRows({ ...rows, precision: 'int4' }))).toBe('RangeError')
    expect(await codeOf(dequantizeRows(undefined as unknown as QuantizedRows))).toBe('TypeError')
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(quantizeRows(ROWS, 'int8', { signal })).rejects.toThrow('enough')
  })
})
