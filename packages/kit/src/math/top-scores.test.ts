import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TopScores } from './top-scores.js'

const values = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 })

describe.each(['lowest', 'highest'] as const)('TopScores, of equal scores the %s index', (stays) => {
  const sign = stays === 'highest' ? 1 : -1

  function best(list: readonly number[], count: number): number[] {
    const order = [...list.keys()].sort((a, b) => (list[b] ?? NaN) - (list[a] ?? NaN) || sign * (b - a))
    return order.slice(0, count)
  }

  it('equals sorting all', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 70 }), fc.nat(60), (list, capacity, cut) => {
        const scores = Float32Array.from(list)
        const top = new TopScores(capacity, stays)
        top.addAll(scores, 0, Math.min(cut, scores.length))
        top.addAll(scores, Math.min(cut, scores.length), scores.length)
        expect(top.isFull).toBe(list.length >= capacity)
        expect(top.indices().sort()).toEqual(Int32Array.from(best(list, capacity)).sort())
        expect(Array.from(top.drain())).toEqual(best(list, capacity))
        expect(top.indices()).toHaveLength(0)
      }),
    )
  })

  it('takes them in any order', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 70 }), (list, capacity) => {
        const top = new TopScores(capacity, stays)
        for (const [index, score] of [...list.entries()].reverse()) top.add(index, score)
        expect(Array.from(top.drain())).toEqual(best(list, capacity))
      }),
    )
  })

  it('never keeps what is not a number, and says what gets in', () => {
    const top = new TopScores(2, stays)
    top.addAll(Float32Array.of(NaN, -Infinity, 3, NaN), 0, 4)
    expect(top.threshold).toBe(-Infinity)
    top.add(4, 2)
    expect(top.threshold).toBe(2)
    expect(Array.from(top.drain())).toEqual([2, 4])
  })
})
