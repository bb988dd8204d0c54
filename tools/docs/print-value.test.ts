import { describe, expect, it } from 'vitest'
import { printValues } from './print-value.js'

describe('printValues()', () => {
  it.each([
    [['a', 'b c'], 'a b c'],
    [[[3, 384]], '[3, 384]'],
    [[new Float32Array([1, 0.1])], 'Float32Array [1, 0.1]'],
    [[0.8999999999999998, 23_936_567], '0.9 23936567'],
    [
      [{ id: 'wing', score: 1.0234567, metadata: {}, passage: undefined }],
      "{ id: 'wing', score: 1.02346, metadata: {}, passage: undefined }",
    ],
    [[null, true], 'null true'],
    [[new RangeError('no')], 'RangeError: no'],
    [[new Map()], 'Map {}'],
  ])('writes %j', (values, expected) => {
    expect(printValues(values)).toBe(expected)
  })
})
