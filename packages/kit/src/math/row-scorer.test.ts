import { describe, expect, it } from 'vitest'
import type { FloatRows } from './float-rows.js'
import { createRowScorer, rowsOfStep } from './row-scorer.js'

function rowsOf(...rows: readonly (readonly number[])[]): FloatRows {
  return { data: Float32Array.from(rows.flat()), count: rows.length, dim: rows[0]?.length ?? 0 }
}

describe('createRowScorer()', () => {
  // Worked by hand, in five dims, so that not all of them make a group of four.
  const a = rowsOf([0, 0, 0, 0, 0], [1, -2, 0, 2, 4])
  const b = rowsOf([9, 9, 9, 9, 9], [3, 4, 1, 0, -1])

  it.each([
    ['cosine', -9 / (5 * Math.sqrt(27))],
    ['dot', -9],
    ['euclidean', -Math.sqrt(4 + 36 + 1 + 4 + 25)],
    ['manhattan', -(2 + 6 + 1 + 2 + 5)],
  ] as const)('computes %s, higher for nearer', (name, expected) => {
    const scores = Float32Array.of(7, 7)
    createRowScorer(name, a, b)(1, 1, 2, scores)
    expect(Array.from(scores)).toEqual([7, Math.fround(expected)])
  })

  it('gives a zero vector the cosine 0 with everything, as torch does', () => {
    const scores = new Float32Array(2)
    createRowScorer('cosine', a, b)(0, 0, 2, scores)
    expect(Array.from(scores)).toEqual([0, 0])
  })
})

it('rowsOfStep() makes steps of about equal work', () => {
  expect([0, 1, 100, 384, 1_000_000].map(rowsOfStep)).toEqual([50_000, 50_000, 500, 130, 1])
})
