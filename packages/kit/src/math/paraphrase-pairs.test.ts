import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FloatRows } from './float-rows.js'
import { paraphrasePairsSteps, type ParaphraseLimits, type ScoredPair } from './paraphrase-pairs.js'

function mine(rows: FloatRows, limits: Partial<ParaphraseLimits> = {}): { pairs: ScoredPair[]; shares: number[] } {
  const shares: number[] = []
  const all: ParaphraseLimits = { similarity: 'dot', maxPairs: 1000, topK: 100, ...limits }
  const steps = paraphrasePairsSteps(rows, all, (share) => shares.push(share))
  for (;;) {
    const step = steps.next()
    if (step.done === true) return { pairs: step.value, shares }
  }
}

/** Numbers, whose dots are products. */
const numbers = (values: readonly number[]): FloatRows => ({
  data: Float32Array.from(values),
  count: values.length,
  dim: 1,
})

const byScore = (pairs: readonly ScoredPair[]): readonly number[] => pairs.map(({ score }) => score)

describe('paraphrasePairsSteps()', () => {
  it('gives the best pairs of all, each once, the smaller indices of equal scores first', () => {
    const values = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 12 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 80 }), (list, maxPairs) => {
        const all = list.flatMap((a, i) =>
          list.slice(i + 1).map((b, place) => ({ score: a * b + 0, i, j: i + 1 + place })),
        )
        const sorted = all.toSorted((a, b) => b.score - a.score || a.i - b.i || a.j - b.j)
        const { pairs } = mine(numbers(list), { maxPairs })
        expect(byScore(pairs)).toEqual(byScore(sorted).slice(0, maxPairs))
        // Which of equal scores stay at the limit is in Python's golden file.
        if (maxPairs >= all.length) expect(pairs).toEqual(sorted)
        expect(pairs).toEqual(pairs.toSorted((a, b) => b.score - a.score || a.i - b.i || a.j - b.j))
        expect(new Set(pairs.map(({ i, j }) => i * 100 + j)).size).toBe(pairs.length)
      }),
    )
  })

  it('lets a row name its nearest, and others name it', () => {
    // 9 is the nearest of all: every row names it, and it names 8.
    const { pairs } = mine(numbers([9, 1, 8, 2]), { topK: 1 })
    expect(pairs).toEqual([
      { score: 72, i: 0, j: 2 },
      { score: 18, i: 0, j: 3 },
      { score: 9, i: 0, j: 1 },
    ])
  })

  it('names no row itself, also where many are equal to it', () => {
    const { pairs } = mine(numbers([1, 1, 1, 1]), { topK: 1 })
    expect(pairs.every(({ i, j }) => i < j)).toBe(true)
    expect(pairs.length).toBeGreaterThan(0)
  })

  it('stops on the way and says how far it is', () => {
    const rows = { data: new Float32Array(300 * 1000).fill(1), count: 300, dim: 1000 }
    const steps = paraphrasePairsSteps(rows, { similarity: 'cosine', maxPairs: 10, topK: 5 }, () => undefined)
    let stops = 0
    while (steps.next().done !== true) stops++
    // 90 million multiplications, a stop every 50,000.
    expect(stops).toBeGreaterThanOrEqual(1800)
    expect(mine(numbers([1, 2, 3, 4])).shares).toEqual([0.25, 0.5, 0.75, 1])
  })
})
