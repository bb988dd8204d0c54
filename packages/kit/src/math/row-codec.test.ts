import { describe, expect, it } from 'vitest'
import { packSigns } from './pack-signs.js'
import { CODE_PRECISIONS, codeBytes, decodeRow, encodeRow } from './row-codec.js'

const ROW = Float32Array.of(0.5, -0.25, 0.125, 0, -1.5, 0.75, 2, -0.0625, -0.6875, 0.3125, 1)

/*
 * By NumPy 2, for bits 4, 2 and 1:
 *   step = {4: .3352, 2: .9957, 1: 1.596}[bits] * sqrt(mean(x ** 2)); top = 2 ** bits - 1
 *   levels = clip(2 * ceil(x / step) - 1, -top, top); codes = packbits of (levels + top) / 2 in `bits` bits each
 * and for 8: levels = round(x / (max(abs(x)) / 127)). The scale is sum(x ** 2) / sum(x * levels).
 */
const GOLDEN = {
  int8: [[32, -16, 8, 0, -95, 48, 127, -4, -44, 20, 64], [32, -16, 8, 0, -95, 48, 127, -4, -44, 20, 64], 0.0157236694],
  int4: [[3, -1, 1, -1, -11, 5, 13, -1, -5, 3, 7], [151, 135, 42, 231, 89, 176], 0.1463142707],
  int2: [[1, -1, 1, -1, -3, 1, 3, -1, -1, 1, 3], [153, 45, 108], 0.5383687259],
  binary: [[1, -1, 1, -1, -1, 1, 1, -1, -1, 1, 1], [166, 96], 1.2125],
} as const

function codesOf(row: Float32Array, precision: (typeof CODE_PRECISIONS)[number]): Int8Array | Uint8Array {
  const bytes = codeBytes(precision, row.length)
  return precision === 'int8' ? new Int8Array(bytes).fill(-1) : new Uint8Array(bytes).fill(255)
}

describe.each(CODE_PRECISIONS)('rows of %s', (precision) => {
  it('have the codes and the scale that NumPy gives', () => {
    const [levels, codes, scale] = GOLDEN[precision]
    const found = codesOf(ROW, precision)
    expect(encodeRow(ROW, precision, found)).toBeCloseTo(scale, 9)
    expect(Array.from(found)).toEqual(codes)
    const decoded = new Int8Array(ROW.length)
    decodeRow(found, precision, decoded)
    expect(Array.from(decoded)).toEqual(levels)
  })

  it('have no error in their own direction', () => {
    const codes = codesOf(ROW, precision)
    const scale = encodeRow(ROW, precision, codes)
    const levels = new Int8Array(ROW.length)
    decodeRow(codes, precision, levels)
    const product = ROW.reduce((sum, value, index) => sum + value * scale * (levels[index] as number), 0)
    // By hand: the sum of the squares of the row.
    expect(product).toBeCloseTo(8.71484375, 12)
  })

  it('become the same codes when they are encoded again', () => {
    const codes = codesOf(ROW, precision)
    encodeRow(ROW, precision, codes)
    const levels = new Int8Array(ROW.length)
    decodeRow(codes, precision, levels)
    const again = codesOf(ROW, precision)
    encodeRow(levels, precision, again)
    // What is rounded twice may move by a level in 4 bits, whose steps follow the row's own size.
    if (precision !== 'int4') expect(again).toEqual(codes)
  })

  it('of zeros have the scale 0, and one component is enough', () => {
    expect(encodeRow(new Float32Array(5), precision, codesOf(new Float32Array(5), precision))).toBe(0)
    const one = Float32Array.of(-3)
    const codes = codesOf(one, precision)
    const levels = new Int8Array(1)
    const scale = encodeRow(one, precision, codes)
    decodeRow(codes, precision, levels)
    expect(scale * (levels[0] as number)).toBeCloseTo(-3, 12)
  })
})

it('codes of one bit are those that packSigns() makes', () => {
  const signs = new Uint8Array(2)
  packSigns(ROW, signs)
  const codes = new Uint8Array(2)
  encodeRow(ROW, 'binary', codes)
  expect(codes).toEqual(signs)
})

it('codeBytes() rounds up to whole bytes', () => {
  // By hand: 384 * bits / 8, and 11 components of 88, 44, 22 and 11 bits.
  expect(CODE_PRECISIONS.map((precision) => codeBytes(precision, 384))).toEqual([384, 192, 96, 48])
  expect(CODE_PRECISIONS.map((precision) => codeBytes(precision, 11))).toEqual([11, 6, 3, 2])
})
