import { describe, expect, it } from 'vitest'
import { candidatesToFuse, fuseByReciprocalRank } from './reciprocal-rank.js'

function listOf(...ids: readonly (string | number)[]): { id: string | number; score: number }[] {
  return ids.map((id, place) => ({ id, score: 100 - place }))
}

describe('fuseByReciprocalRank()', () => {
  it('adds up the reciprocals of 60 and the ranks, as the paper does', () => {
    // Worked by hand: b has the places 2 and 1, a 1 and 3, c and d one each.
    expect(fuseByReciprocalRank([listOf('a', 'b', 'c'), listOf('b', 'd', 'a')])).toEqual([
      { id: 'b', score: 1 / 62 + 1 / 61 },
      { id: 'a', score: 1 / 61 + 1 / 63 },
      { id: 'd', score: 1 / 62 },
      { id: 'c', score: 1 / 63 },
    ])
  })

  it('counts a document that comes twice in a list once, at its first place', () => {
    // Without the second a the list is a, b: the paper has each document once.
    expect(fuseByReciprocalRank([listOf('a', 'a', 'b', 'a'), listOf('b')])).toEqual([
      { id: 'b', score: 1 / 62 + 1 / 61 },
      { id: 'a', score: 1 / 61 },
    ])
  })

  it('counts lists by their weights and places by k', () => {
    const options = { k: 1, weights: [3, 1] }
    expect(fuseByReciprocalRank([listOf(1), listOf(2, 1)], options)).toEqual([
      { id: 1, score: 3 / 2 + 1 / 3 },
      { id: 2, score: 1 / 2 },
    ])
  })

  it('leaves equal ones in the order of the lists, and tells 1 from "1"', () => {
    const fused = fuseByReciprocalRank([listOf(1, 'x'), listOf('1', 'y')])
    expect(fused.map(({ id }) => id)).toEqual([1, '1', 'x', 'y'])
    expect(fuseByReciprocalRank([listOf(1, 'x'), listOf('1', 'y')], { topK: 2 })).toHaveLength(2)
    expect(fuseByReciprocalRank([])).toEqual([])
    expect(fuseByReciprocalRank([[], []])).toEqual([])
  })

  it.each([
    [{ k: -1 }, RangeError, /k must be a number from 0: current value is -1/],
    [{ k: '60' }, TypeError, /k must be a number/],
    [{ weights: [1] }, RangeError, /must be 2 weights: current number is 1/],
    [{ weights: [1, NaN] }, RangeError, /weights\[1\] must be a number from 0/],
    [{ weight: 1 }, TypeError, /weight is not an option/],
    [{ topK: 0 }, RangeError, /topK must be a positive integer/],
  ])('refuses %o', (options, type, message) => {
    expect(() => fuseByReciprocalRank([[], []], options as never)).toThrow(type)
    expect(() => fuseByReciprocalRank([[], []], options as never)).toThrow(message)
  })
})

it('candidatesToFuse() asks for more than are wanted', () => {
  expect(candidatesToFuse(10)).toBe(100)
  expect(candidatesToFuse(500)).toBe(1000)
})
