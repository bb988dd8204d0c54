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
})
