import type { FloatRows } from '@nestling/kit/math/float-rows'
import { describe, expect, it } from 'vitest'
import { communityDetection } from './community-detection.js'
import { paraphraseMiningEmbeddings } from './paraphrase-mining.js'
import { semanticSearch } from './semantic-search.js'

function rowsOf(...rows: readonly (readonly number[])[]): FloatRows {
  return { data: Float32Array.from(rows.flat()), count: rows.length, dim: rows[0]?.length ?? 0 }
}

/** At these angles in degrees, on the unit circle. */
function directions(...angles: readonly number[]): FloatRows {
  return rowsOf(...angles.map((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]))
}

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
