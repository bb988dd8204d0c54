import { describe, expect, it } from 'vitest'
import { toBatch } from './to-batch.js'

describe('toBatch()', () => {
  it('pads on the right to the longest text', () => {
    const batch = toBatch([{ ids: Int32Array.of(5, 6) }, { ids: Int32Array.of(7, 8, 9) }], 1, 0)
    expect(batch).toEqual({
      count: 2,
      seqLength: 3,
      ids: Int32Array.of(5, 6, 1, 7, 8, 9),
      lengths: Int32Array.of(2, 3),
      skippedTokens: 0,
    })
  })

  it('gives a text without a token a place', () => {
    const batch = toBatch([{ ids: new Int32Array(0) }], 1, 2)
    expect(batch).toEqual({
      count: 1,
      seqLength: 1,
      ids: Int32Array.of(1),
      lengths: Int32Array.of(0),
      skippedTokens: 2,
    })
  })
})
