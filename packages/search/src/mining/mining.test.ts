import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BinaryHeap } from './binary-heap.js'
import { communityDetection } from './community-detection.js'
import { paraphraseMiningEmbeddings } from './paraphrase-mining.js'
import type { Rows } from './rows.js'
import { createRowScorer } from './score-function.js'
import { semanticSearch } from './semantic-search.js'
import { TopHits } from './top-hits.js'

function rowsOf(...rows: readonly (readonly number[])[]): Rows {
  return { data: Float32Array.from(rows.flat()), count: rows.length, dim: rows[0]?.length ?? 0 }
}

/** At these angles in degrees, on the unit circle. */
function directions(...angles: readonly number[]): Rows {
  return rowsOf(...angles.map((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]))
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

describe('semanticSearch()', () => {
  it('keeps the larger index of equal scores and puts the smaller one first, as the heap of Python does', async () => {
    const found = await semanticSearch(directions(0), directions(90, 60, 60, 0, 60), { topK: 3 })
    expect(found[0]?.map(({ corpusId }) => corpusId)).toEqual([3, 2, 4])
  })

  it('finds nothing in nothing', async () => {
    expect(await semanticSearch(directions(), directions(0))).toEqual([])
    expect(await semanticSearch(directions(0, 1), directions())).toEqual([[], []])
  })

  it('finds ten unless told otherwise', async () => {
    const [hits] = await semanticSearch(directions(0), directions(...Array.from({ length: 30 }, (_, angle) => angle)))
    expect(hits?.map(({ corpusId }) => corpusId)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('never gives a row that is not a number', async () => {
    const [hits] = await semanticSearch(directions(0), rowsOf([NaN, 1], [1, 0], [0, NaN]))
    expect(hits?.map(({ corpusId }) => corpusId)).toEqual([1])
  })

  it('tells its progress, pauses, and hears an abort', async () => {
    // 40 queries of 20 million multiplications in all: several slices of 4 ms on any machine.
    const corpus = { data: new Float32Array(5000 * 100).fill(1), count: 5000, dim: 100 }
    const queries = { data: new Float32Array(40 * 100).fill(1), count: 40, dim: 100 }
    const shares: number[] = []
    let pauses = 0
    const pause = async (): Promise<void> => {
      pauses++
    }
    await semanticSearch(queries, corpus, { pause, onProgress: (share) => shares.push(share) })
    expect(pauses).toBeGreaterThan(0)
    expect(shares).toHaveLength(40)
    expect(shares.at(-1)).toBe(1)

    const controller = new AbortController()
    const reason = new Error('enough')
    const abort = async (): Promise<void> => {
      controller.abort(reason)
    }
    const options = { pause: abort, signal: controller.signal }
    await expect(semanticSearch(queries, corpus, options)).rejects.toBe(reason)
    await expect(semanticSearch(queries, corpus, { signal: controller.signal })).rejects.toBe(reason)
  })

  it.each([
    [{ topK: 0 }, RangeError, /Cannot search as topK must be a positive integer: current value is 0/],
    [{ top_k: 5 }, TypeError, /top_k is not an option: the options are topK, scoreFunction/],
    [{ scoreFunction: 'cos_sim' }, TypeError, /scoreFunction must be one of cosine, dot, euclidean, manhattan/],
    [{ signal: 5 }, TypeError, /signal must be an AbortSignal/],
  ])('refuses %o', async (options, type, message) => {
    const search = semanticSearch(directions(0), directions(0), options as never)
    await expect(search).rejects.toThrow(type)
    await expect(search).rejects.toThrow(message)
  })

  it('refuses rows of other lengths', async () => {
    await expect(semanticSearch(rowsOf([1, 2, 3]), directions(0))).rejects.toThrow(/current values are 3 and 2/)
    await expect(semanticSearch([1, 2] as never, directions(0))).rejects.toThrow(TypeError)
    const short = { data: Float32Array.of(1, 2, 3), count: 2, dim: 2 }
    await expect(semanticSearch(directions(0), short)).rejects.toThrow(/count \* dim = 4 values: current value is 3/)
  })
})

describe('paraphraseMiningEmbeddings()', () => {
  const rows = directions(0, 10, 100, 104, 200)

  it('gives each pair once, the smaller index first', async () => {
    const pairs = await paraphraseMiningEmbeddings(rows, { topK: 1 })
    // Row 4 names 3, too, whose nearest is 2.
    expect(pairs.map(({ i, j }) => [i, j])).toEqual([
      [2, 3],
      [0, 1],
      [3, 4],
    ])
  })

  it('counts as Python does: each pair twice, and one less', async () => {
    // Four directed pairs fit: 2-3, 3-2, 0-1 and 1-0.
    const pairs = await paraphraseMiningEmbeddings(rows, { maxPairs: 5 })
    expect(pairs.map(({ i, j }) => [i, j])).toEqual([
      [2, 3],
      [0, 1],
    ])
    expect(await paraphraseMiningEmbeddings(rows, { maxPairs: 1 })).toEqual([])
  })

  it('drops scores of -1 and less, as Python does', async () => {
    expect(await paraphraseMiningEmbeddings(rowsOf([0], [2], [5]), { scoreFunction: 'euclidean' })).toEqual([])
    const near = await paraphraseMiningEmbeddings(rowsOf([0], [0.5], [5]), { scoreFunction: 'euclidean' })
    expect(near).toEqual([{ score: -0.5, i: 0, j: 1 }])
  })

  it('lets each row name its nearest in every part of the corpus', async () => {
    // With two parts of rows 0 to 2 and 3 to 4 the nearest two of row 0 are itself and 1, and in the other part 3 and 4.
    const pairs = await paraphraseMiningEmbeddings(rows, { topK: 1, corpusChunkSize: 3 })
    expect(pairs).toContainEqual({ score: Math.fround(Math.cos((104 * Math.PI) / 180)), i: 0, j: 3 })
  })

  it('keeps the order of indices among equal scores', async () => {
    const pairs = await paraphraseMiningEmbeddings(rowsOf([1, 0], [0, 1], [1, 0], [0, 1]))
    expect(pairs.map(({ i, j }) => [i, j])).toEqual([
      [0, 2],
      [1, 3],
      [0, 1],
      [0, 3],
      [1, 2],
      [2, 3],
    ])
  })
})

describe('communityDetection()', () => {
  it('takes the larger group first and leaves the rest to others', async () => {
    // By hand, within 15 degrees: 10 has {10, 0, 20}, 20 has {20, 10, 30}, 30 has {30, 36, 20}, 36 has {36, 30}.
    const rows = directions(0, 10, 20, 30, 36, 180, 181)
    const threshold = Math.cos((15 * Math.PI) / 180)
    expect(await communityDetection(rows, { threshold, minCommunitySize: 2 })).toEqual([
      [1, 0, 2],
      [3, 4],
      [5, 6],
    ])
  })

  it('makes no group around a row that another group has', async () => {
    // By hand, within 13 degrees: 10 has seven. 22 has {22, 14.5, 33, 10, 34, 34.5}, of which it would leave 33 first. 34 has {34, 34.5, 33, 22}.
    const rows = directions(0, 3, 5, 8, 10, 14.5, 22, 34, 33, 34.5)
    const threshold = Math.cos((13 * Math.PI) / 180)
    expect(await communityDetection(rows, { threshold, minCommunitySize: 3 })).toEqual([
      [4, 3, 5, 2, 1, 0, 6],
      [7, 9, 8],
    ])
  })

  it('knows no more rows than there are, and no group in nothing', async () => {
    expect(await communityDetection(directions(0, 1), { minCommunitySize: 10 })).toEqual([[0, 1]])
    expect(await communityDetection(directions())).toEqual([])
  })

  it('refuses a threshold that is none', async () => {
    await expect(communityDetection(directions(0), { threshold: NaN })).rejects.toThrow(/threshold must be a number/)
  })
})

describe('BinaryHeap', () => {
  it('gives its elements in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 })),
        fc.array(fc.integer({ min: 0, max: 20 })),
        (first, then) => {
          const heap = new BinaryHeap<number>((a, b) => a < b)
          for (const value of first) heap.push(value)
          const sorted = [...first].sort((a, b) => a - b)
          for (const value of then) {
            sorted.push(value)
            sorted.sort((a, b) => a - b)
            expect(heap.pushPop(value)).toBe(sorted.shift())
          }
          expect(Array.from({ length: heap.size }, () => heap.pop())).toEqual(sorted)
          expect(heap.pop()).toBeUndefined()
        },
      ),
    )
  })
})

describe('TopHits', () => {
  it('equals sorting all', () => {
    const values = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 70 }), fc.nat(60), (list, limit, cut) => {
        const scores = Float32Array.from(list)
        const top = new TopHits(limit)
        top.add(scores, 0, Math.min(cut, scores.length))
        top.add(scores, Math.min(cut, scores.length), scores.length)
        const all = list.map((score, corpusId) => ({ corpusId, score }))
        const kept = all.sort((a, b) => b.score - a.score || b.corpusId - a.corpusId).slice(0, limit)
        expect(top.drain()).toEqual(kept.sort((a, b) => b.score - a.score || a.corpusId - b.corpusId))
      }),
    )
  })
})
