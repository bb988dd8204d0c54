import { describe, expect, it } from 'vitest'
import { finishSteps } from '@nestling/kit/calls/run-steps'
import { pairwiseScoresSteps, rowScores } from './score-steps.js'

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
    expect(finishSteps(rowScores(name, a, b)(1))[1]).toBe(Math.fround(expected))
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
