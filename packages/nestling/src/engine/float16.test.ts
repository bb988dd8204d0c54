import { describe, expect, it } from 'vitest'
import { toFloat16Bits } from './float16.js'

/** Examples of IEEE 754 binary16, and what lies between two of its numbers. */
const CASES: readonly (readonly [string, number, number])[] = [
  ['zero', 0, 0x0000],
  ['negative zero', -0, 0x8000],
  ['one', 1, 0x3c00],
  ['minus two', -2, 0xc000],
  ['a third', 1 / 3, 0x3555],
  ['the largest', 65_504, 0x7bff],
  ['what rounds down to the largest', 65_519.99, 0x7bff],
  ['what rounds up to infinity', 65_520, 0x7c00],
  ['far too much', 1e30, 0x7c00],
  ['minus infinity', -Infinity, 0xfc00],
  ['the smallest normal', 2 ** -14, 0x0400],
  ['the largest subnormal', 2 ** -14 - 2 ** -24, 0x03ff],
  ['the smallest subnormal', 2 ** -24, 0x0001],
  ['half of it, to even', 2 ** -25, 0x0000],
  ['a bit more than half of it', 2 ** -25 * 1.01, 0x0001],
  ['one and a half of it, to even', 1.5 * 2 ** -24, 0x0002],
  ['nothing to speak of', 1e-30, 0x0000],
  ['a tie to the even below', 1 + 2 ** -11, 0x3c00],
  ['a tie to the even above', 1 + 3 * 2 ** -11, 0x3c02],
  ['a carry into the exponent', 2 - 2 ** -12, 0x4000],
]

describe('toFloat16Bits()', () => {
  it.each(CASES)('converts %s', (_, value, bits) => {
    expect(toFloat16Bits(Float32Array.of(value))[0]).toBe(bits)
  })

  it('keeps NaN', () => {
    const [bits = 0] = toFloat16Bits(Float32Array.of(NaN))
    expect(bits & 0x7c00).toBe(0x7c00)
    expect(bits & 0x03ff).not.toBe(0)
  })
})
