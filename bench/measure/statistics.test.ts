import { describe, expect, test } from 'vitest'
import { ratioOf, spreadOf } from './statistics.js'

describe('spreadOf()', () => {
  test('gives median, 95th percentile and extremes, whatever the order', () => {
    const values = Array.from({ length: 100 }, (_, index) => (index * 37) % 100)
    expect(spreadOf(values)).toEqual({ p50: 50, p95: 95, lowest: 0, highest: 99 })
    expect(spreadOf([10, 2, 9])).toEqual({ p50: 9, p95: 10, lowest: 2, highest: 10 })
  })

  test('sorts numbers, not their texts, and leaves the values as they were', () => {
    const values = [10, 9, 100]
    expect(spreadOf(values).p50).toBe(10)
    expect(values).toEqual([10, 9, 100])
  })

  test('of nothing is no number', () => {
    expect(spreadOf([])).toEqual({ p50: NaN, p95: NaN, lowest: NaN, highest: NaN })
  })
})

describe('ratioOf()', () => {
  test('divides round by round before it takes the median', () => {
    // Rounds of 1, 2 and 10 times; the medians alone would give 20 / 10.
    expect(ratioOf([10, 20, 300], [10, 10, 30])).toEqual({ p50: 2, p95: 10, lowest: 1, highest: 10 })
  })

  test('leaves rounds out that one side did not have', () => {
    expect(ratioOf([10, 20, 30], [5])).toEqual({ p50: 2, p95: 2, lowest: 2, highest: 2 })
    expect(ratioOf([], [5]).p50).toBeNaN()
  })
})
