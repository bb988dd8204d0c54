import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accuracyAtK, mapAtK, mrrAtK, ndcgAtK, precisionAtK, recallAtK } from './ranking.js'

const METRICS = { accuracyAtK, mapAtK, mrrAtK, ndcgAtK, precisionAtK, recallAtK }

/** Relevant at the places 2 and 4; `z` is not found. */
const RESULTS = ['a', 'b', 'c', 'd', 'e']
const RELEVANT = new Set(['b', 'd', 'z'])

describe('ranking metrics', () => {
  it('equal hand arithmetic', () => {
    expect([1, 2, 5].map((k) => accuracyAtK(RESULTS, RELEVANT, k))).toEqual([0, 1, 1])
    expect([1, 2, 4].map((k) => precisionAtK(RESULTS, RELEVANT, k))).toEqual([0, 1 / 2, 2 / 4])
    expect([1, 2, 5].map((k) => recallAtK(RESULTS, RELEVANT, k))).toEqual([0, 1 / 3, 2 / 3])
    expect([1, 2, 5].map((k) => mrrAtK(RESULTS, RELEVANT, k))).toEqual([0, 1 / 2, 1 / 2])
    expect(mapAtK(RESULTS, RELEVANT, 5)).toBeCloseTo((1 / 2 + 2 / 4) / 3, 12)
    expect(mapAtK(RESULTS, RELEVANT, 2)).toBeCloseTo(1 / 2 / 2, 12)
    const best = 1 + 1 / Math.log2(3) + 1 / 2
    expect(ndcgAtK(RESULTS, RELEVANT, 5)).toBeCloseTo((1 / Math.log2(3) + 1 / Math.log2(5)) / best, 12)
    expect(ndcgAtK(RESULTS, RELEVANT, 2)).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12)
  })

  it('take a k that is larger than the results as Python does', () => {
    expect(precisionAtK(RESULTS, RELEVANT, 10)).toBe(2 / 10)
    expect(recallAtK(RESULTS, RELEVANT, 10)).toBe(2 / 3)
    expect(ndcgAtK(RESULTS, RELEVANT, 10)).toBe(ndcgAtK(RESULTS, RELEVANT, 5))
    expect(mapAtK([], RELEVANT, 10)).toBe(0)
  })

  it('are 1 for a perfect list', () => {
    for (const metric of Object.values(METRICS)) expect(metric(['b', 'd', 'z'], RELEVANT, 3)).toBe(1)
  })

  it.each(Object.entries(METRICS))('%s() refuses a k that is none', (name, metric) => {
    for (const k of [0, -1, 1.5, NaN, Infinity]) expect(() => metric(RESULTS, RELEVANT, k)).toThrow(RangeError)
    expect(() => metric(RESULTS, RELEVANT, 0)).toThrow(
      `Cannot compute ${name} as k must be a positive integer: current value is 0`,
    )
  })

  it('refuse to divide by no relevant ids', () => {
    for (const metric of [recallAtK, ndcgAtK, mapAtK]) expect(() => metric(RESULTS, new Set(), 5)).toThrow(RangeError)
  })

  describe('count an id that comes twice once, at its first place', () => {
    // By hand. b at 1 and 2, d at 4: without the second b they are b, x, d, and d has rank 3.
    const twice = ['b', 'b', 'x', 'd', 'd', 'x']
    const relevant = new Set(['b', 'd'])

    it.each([
      ['accuracyAtK', 1, 1],
      ['precisionAtK', 2, 1 / 2],
      ['precisionAtK', 3, 2 / 3],
      ['precisionAtK', 10, 2 / 10],
      ['recallAtK', 1, 1 / 2],
      ['recallAtK', 3, 1],
      ['recallAtK', 10, 1],
      ['mrrAtK', 10, 1],
      ['ndcgAtK', 10, (1 + 1 / Math.log2(4)) / (1 + 1 / Math.log2(3))],
      ['mapAtK', 10, (1 + 2 / 3) / 2],
    ] as const)('%s(…, %d) is %d', (name, k, expected) => {
      expect(METRICS[name](twice, relevant, k)).toBeCloseTo(expected, 12)
    })

    it('also where it comes before the first that is relevant, and where it is the only one', () => {
      expect(mrrAtK(['x', 'x', 'b'], relevant, 10)).toBe(1 / 2)
      expect(mrrAtK(['x', 'x', 'b'], relevant, 1)).toBe(0)
      // Once 1.63 and 2.
      expect(ndcgAtK(['b', 'b'], new Set(['b']), 10)).toBe(1)
      expect(recallAtK(['b', 'b'], new Set(['b']), 10)).toBe(1)
      expect(mapAtK(['b', 'b'], new Set(['b']), 10)).toBe(1)
    })

    it('so that each is from 0 to 1, and what it is without the repetitions', () => {
      const ids = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 30 })
      const wanted = fc.uniqueArray(fc.integer({ min: 0, max: 10 }), { minLength: 1 })
      fc.assert(
        fc.property(ids, wanted, fc.integer({ min: 1, max: 40 }), (results, list, k) => {
          for (const metric of Object.values(METRICS)) {
            const value = metric(results, new Set(list), k)
            expect(value).toBeGreaterThanOrEqual(0)
            expect(value).toBeLessThanOrEqual(1)
            expect(value).toBe(metric([...new Set(results)], new Set(list), k))
          }
        }),
      )
    })
  })

  it.each(Object.entries(METRICS))(
    '%s() refuses ids that are no list and relevant ids that are no set',
    (_, metric) => {
      const wrong = ['b', 'd'] as unknown as ReadonlySet<string>
      expect(() => metric(RESULTS, wrong, 5)).toThrow(TypeError)
      expect(() => metric(RESULTS, wrong, 5)).toThrow(
        /relevant must be a Set: current value is a list of 2\nMake one with/,
      )
      expect(() => metric('abc' as unknown as string[], RELEVANT, 5)).toThrow(/results must be a list: .* "abc"/)
    },
  )
})
