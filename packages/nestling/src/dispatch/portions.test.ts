import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portionsOf } from './portions.js'

describe('portionsOf()', () => {
  it('cuts by number of texts and by length', () => {
    const many = Array.from({ length: 2500 }, () => 'x')
    expect([...portionsOf(many)].map(({ start, texts }) => [start, texts.length])).toEqual([
      [0, 1024],
      [1024, 1024],
      [2048, 452],
    ])
    const long = ['a'.repeat(400_000), 'b'.repeat(400_000), 'c']
    expect([...portionsOf(long)].map(({ texts }) => texts.length)).toEqual([1, 2])
  })

  it('sends a text of any length alone, and nothing for no texts', () => {
    expect([...portionsOf(['a'.repeat(2_000_000), 'b'])].map(({ start }) => start)).toEqual([0, 1])
    expect([...portionsOf([])]).toEqual([])
  })

  it('loses and doubles nothing', () => {
    const texts = fc.array(fc.string({ maxLength: 8 }), { maxLength: 3000 })
    fc.assert(
      fc.property(texts, (all) => {
        expect([...portionsOf(all)].flatMap((portion) => portion.texts)).toEqual(all)
      }),
      { numRuns: 30 },
    )
  })
})
