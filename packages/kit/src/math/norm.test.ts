import { expect, it } from 'vitest'
import { normalizeRows, normOf } from './norm.js'

it('normalizeRows() scales rows to length 1, and a row of zeros stays one', () => {
  expect(Array.from(normalizeRows(Float32Array.of(3, 4, 0, 0), 2))).toEqual([0.6, 0.8, 0, 0].map(Math.fround))
})

it('normOf() gives the length of a vector', () => {
  expect(normOf([2, -3, 6])).toBe(7)
  expect(normOf(new Int8Array())).toBe(0)
})
