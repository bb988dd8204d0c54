import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { finishSteps, runSteps } from '@nestling/kit/calls/run-steps'
import { compareCodePoints } from './code-points.js'
import { PairHeap } from './pair-heap.js'
import { pairwiseScoresSteps, rowScorerSteps } from './similarity.js'
import { topResults } from './top-results.js'

describe('pairwiseScoresSteps()', () => {
  // Worked by hand: (1, -2) and (3, 4)
  const a = { data: Float32Array.of(0, 0, 1, -2), count: 2, dim: 2 }
  const b = { data: Float32Array.of(1, 0, 3, 4), count: 2, dim: 2 }

  it.each([
    ['cosine', -5 / (Math.sqrt(5) * 5)],
    ['dot', -5],
    ['euclidean', -Math.sqrt(40)],
    ['manhattan', -8],
  ] as const)('computes %s, higher for nearer', (name, expected) => {
    expect(finishSteps(pairwiseScoresSteps(name, a, b))[1]).toBe(Math.fround(expected))
    expect(finishSteps(finishSteps(rowScorerSteps(name, a, b))(1))[1]).toBe(Math.fround(expected))
  })

  it('stops about every 50,000 multiplications, so that a page can breathe', () => {
    const rows = { data: new Float32Array(10_000 * 100).fill(1), count: 10_000, dim: 100 }
    const steps = pairwiseScoresSteps('cosine', rows, rows)
    let stops = 0
    for (let step = steps.next(); step.done !== true; step = steps.next()) stops++
    // A million multiplications for the lengths of each side and for the products
    expect(stops).toBe(60)
  })
})

describe('runSteps()', () => {
  it('lets other tasks run in between', async () => {
    let isBreathing = false
    setTimeout(() => {
      isBreathing = true
    })
    const hasBreathed = (): boolean => isBreathing
    const steps = (function* () {
      // Without a pause in between the timer would never come.
      const end = performance.now() + 1000
      while (!hasBreathed() && performance.now() < end) yield
      return hasBreathed()
    })()
    expect(await runSteps(steps, undefined)).toBe(true)
  })

  it('hears an abort that comes while it runs', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => {
      controller.abort(reason)
    })
    const steps = (function* () {
      while (performance.now() < Infinity) yield
    })()
    await expect(runSteps(steps, controller.signal)).rejects.toBe(reason)
  })
})

const values = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 })

describe('topResults()', () => {
  it('equals sorting all', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 70 }), (scores, k) => {
        const at = (index: number): number => scores[index] ?? NaN
        const isBefore = (a: number, b: number): boolean => at(a) > at(b) || (at(a) === at(b) && a < b)
        const expected = [...scores.keys()].sort((a, b) => at(b) - at(a) || a - b).slice(0, k)
        expect(topResults(scores.length, k, isBefore)).toEqual(expected)
      }),
    )
  })
})

describe('PairHeap', () => {
  it('keeps the best scores, each pair once', () => {
    const pairs = fc.uniqueArray(
      fc.record({ score: fc.integer({ min: 0, max: 20 }), i: fc.nat(9), j: fc.integer({ min: 10, max: 19 }) }),
      { selector: ({ i, j }) => `${i} ${j}` },
    )
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 12 }), (added, limit) => {
        const heap = new PairHeap(limit, 20)
        for (const { score, i, j } of added) {
          heap.add(score, j, i)
          heap.add(score, i, j)
        }
        const best = (list: readonly { readonly score: number }[]): number[] =>
          list.map(({ score }) => score).sort((a, b) => b - a)
        expect(best(heap.pairs)).toEqual(best(added).slice(0, limit))
        expect(new Set(heap.pairs.map(({ i, j }) => `${i} ${j}`)).size).toBe(heap.pairs.length)
        expect(heap.pairs.every(({ i, j }) => i < j)).toBe(true)
      }),
    )
  })
})

it('compareCodePoints() compares as Python does', () => {
  const sorted = ['', 'a', 'aa', 'b', '\uFF5E', '\u{1F600}', '\u{1F600}a']
  expect([...sorted].reverse().sort(compareCodePoints)).toEqual(sorted)
  expect(compareCodePoints('abc', 'abc')).toBe(0)
})
