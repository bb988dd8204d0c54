import { describe, expect, it } from 'vitest'
import { normalizeRows } from './rows.js'

describe('normalizeRows()', () => {
  it('scales rows to length 1, and a row of zeros stays one', () => {
    expect(Array.from(normalizeRows(Float32Array.of(3, 4, 0, 0), 2))).toEqual([0.6, 0.8, 0, 0].map(Math.fround))
  })
})
