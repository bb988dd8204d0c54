import { describe, expect, it } from 'vitest'
import { normalizeRows, truncateRows } from './rows.js'

describe('normalizeRows()', () => {
  it('scales rows to length 1, and a row of zeros stays one', () => {
    expect(Array.from(normalizeRows(Float32Array.of(3, 4, 0, 0), 2))).toEqual([0.6, 0.8, 0, 0].map(Math.fround))
  })
})

describe('truncateRows()', () => {
  it('keeps the first components of each row', () => {
    expect(Array.from(truncateRows(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 2))).toEqual([1, 2, 4, 5])
    expect(Array.from(truncateRows(Float32Array.of(1, 2, 3, 4), 2, 2))).toEqual([1, 2, 3, 4])
  })
})
