import { describe, expect, it } from 'vitest'
import { fuseByScores, type ScoredLists } from './by-scores.js'

describe('fuseByScores()', () => {
  it('adds half of the stretched similarity and half of the share of the bound', () => {
    // By hand: v = (s - .2) / .6, so a 1, b .5, c 0; w = BM25 / 8, so b 4 / 8, c 6 / 8, d 2 / 8.
    const lists: ScoredLists = {
      vectors: [
        { id: 'c', score: 0.2 },
        { id: 'a', score: 0.8 },
        { id: 'b', score: 0.5 },
      ],
      words: [
        { id: 'b', score: 4 },
        { id: 'c', score: 6 },
        { id: 'd', score: 2 },
      ],
      bound: 8,
    }
    const fused = fuseByScores(lists)
    expect(fused.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
    const expected = [
      [0.5, 1, 0],
      [0.5, 0.5, 0.5],
      [0.375, 0, 0.75],
      [0.125, 0, 0.25],
    ] as const
    for (const [place, [score, vectors, words]] of expected.entries()) {
      expect(fused[place]?.score).toBeCloseTo(score, 12)
      expect(fused[place]?.parts.vectors).toBeCloseTo(vectors, 12)
      expect(fused[place]?.parts.words).toBeCloseTo(words, 12)
    }
    // .3 * v + .7 * w: a .3, b .5, c .525, d .175.
    expect(fuseByScores(lists, { weight: 0.3 }).map(({ id }) => id)).toEqual(['c', 'b', 'a', 'd'])
    expect(fuseByScores(lists, { weight: 0, topK: 2 }).map(({ id }) => id)).toEqual(['c', 'b'])
    expect(fuseByScores(lists, { weight: 1 }).map(({ score }) => score)).toEqual([1, expect.closeTo(0.5), 0, 0])
  })

  it('stretches from the lowest of all, which need not be in the list', () => {
    const vectors = [
      { id: 1, score: 0.6 },
      { id: 2, score: 0.4 },
    ]
    // (.4 - .2) / (.6 - .2)
    const [first, second] = fuseByScores({ vectors, lowest: 0.2, words: [], bound: 3 })
    expect(first).toEqual({ id: 1, score: 0.5, parts: { words: 0, vectors: 1 } })
    expect(second?.parts.vectors).toBeCloseTo(0.5, 12)
    // One below it is as far as can be.
    expect(fuseByScores({ vectors, lowest: 0.5, words: [], bound: 3 })[1]?.parts.vectors).toBe(0)
  })

  it('takes equally near ones, and one alone, for the nearest', () => {
    const same = [
      { id: 'x', score: -0.1 },
      { id: 'y', score: -0.1 },
    ]
    expect(fuseByScores({ vectors: same, words: [{ id: 'y', score: 1 }], bound: 2 })).toEqual([
      { id: 'y', score: 0.75, parts: { words: 0.5, vectors: 1 } },
      { id: 'x', score: 0.5, parts: { words: 0, vectors: 1 } },
    ])
    expect(fuseByScores({ vectors: same.slice(0, 1), words: [], bound: 0 })).toEqual([
      { id: 'x', score: 0.5, parts: { words: 0, vectors: 1 } },
    ])
  })

  it('gives vectors alone where the query has no word, words alone without vectors, and nothing of nothing', () => {
    const hits = [{ id: 'x', score: 3 }]
    expect(fuseByScores({ vectors: [], words: hits, bound: 4 })).toEqual([
      { id: 'x', score: 0.375, parts: { words: 0.75, vectors: 0 } },
    ])
    expect(fuseByScores({ vectors: hits, words: [], bound: 0 })[0]?.score).toBe(0.5)
    expect(fuseByScores({ vectors: [], words: [], bound: 0 })).toEqual([])
  })

  it('tells 1 from "1", and counts one that comes twice by its highest', () => {
    const vectors = [
      { id: 1, score: 0.1 },
      { id: '1', score: 0.3 },
      { id: 1, score: 0.5 },
    ]
    expect(fuseByScores({ vectors, words: [], bound: 0 })).toEqual([
      { id: 1, score: 0.5, parts: { words: 0, vectors: 1 } },
      { id: '1', score: 0, parts: { words: 0, vectors: 0 } },
    ])
  })

  it('puts the nearer first among equal scores', () => {
    const vectors = [
      { id: 'far', score: 0 },
      { id: 'near', score: 1 },
    ]
    const fused = fuseByScores({ vectors, words: [{ id: 'far', score: 2 }], bound: 2 })
    expect(fused.map(({ id, score }) => [id, score])).toEqual([
      ['near', 0.5],
      ['far', 0.5],
    ])
  })

  it.each([
    [{}, { weight: 1.5 }, RangeError, /weight must be a number from 0 to 1: current value is 1.5/],
    [{}, { weight: '1' }, TypeError, /weight must be a number from 0 to 1: current value is "1"/],
    [{}, { k: 60 }, TypeError, /k is not an option/],
    [{}, { topK: 0 }, RangeError, /topK must be a positive integer/],
    [{ bound: -1 }, {}, RangeError, /bound must be a number from 0: current value is -1/],
    [{ bound: undefined }, {}, TypeError, /bound must be a finite number: current value is undefined/],
    [{ lowest: NaN }, {}, TypeError, /lowest must be a finite number: current value is NaN/],
    [{ vectors: [{ id: 1, score: NaN }] }, {}, TypeError, /a score of vectors must be a finite number/],
    [{ words: {} }, {}, TypeError, /words must be a list of hits/],
  ])('refuses %o with %o', (part, options, type, message) => {
    const lists = { vectors: [], words: [], bound: 0, ...part } as never
    expect(() => fuseByScores(lists, options as never)).toThrow(type)
    expect(() => fuseByScores(lists, options as never)).toThrow(message)
  })
})
