import type { FloatRows } from '@nestling/kit/math/float-rows'
import { mulberry32 } from '@nestling/testing/mixtures'
import { searchKernels } from '@nestling/testing/search-kernels'
import { beforeAll, describe, expect, it } from 'vitest'
import { nearestPairs, type OwnedRows } from './nearest-pairs.js'

let kernels: WebAssembly.Module
beforeAll(async () => {
  kernels = await searchKernels()
}, 20_000)

/** Rows whose later components are smaller by a factor, as those of nested models are; of 1 all are alike. */
function randomRows(count: number, dim: number, decay = 1): FloatRows {
  const random = mulberry32(count + dim)
  const data = Float32Array.from({ length: count * dim }, (_, at) => (random() + random() - 1) * decay ** (at % dim))
  return { data, count, dim }
}

const alone = (rows: FloatRows): OwnedRows => ({
  rows,
  owners: Int32Array.from({ length: rows.count }, (_, row) => row),
})

/** All pairs by the definition: cosines in float64, rounded as scores are; the best of two owners; of equal ones the smaller rows. */
function allPairs({ rows: { data, count, dim }, owners }: OwnedRows): { score: number; i: number; j: number }[] {
  const dot = (i: number, j: number): number => {
    let sum = 0
    for (let place = 0; place < dim; place++)
      sum += (data[i * dim + place] as number) * (data[j * dim + place] as number)
    return sum
  }
  const norms = Array.from({ length: count }, (_, row) => Math.max(Math.sqrt(dot(row, row)), 1e-12))
  const pairs: { score: number; i: number; j: number }[] = []
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      if (owners[i] === owners[j]) continue
      pairs.push({ score: Math.fround(dot(i, j) / ((norms[i] as number) * (norms[j] as number))), i, j })
    }
  }
  pairs.sort((a, b) => b.score - a.score || a.i - b.i || a.j - b.j)
  const known = new Set<number>()
  return pairs.filter(({ i, j }) => {
    const [a, b] = [owners[i] as number, owners[j] as number]
    const key = Math.min(a, b) * count + Math.max(a, b)
    return !known.has(key) && known.add(key)
  })
}

async function check(owned: OwnedRows, counts: readonly number[]): Promise<void> {
  const all = allPairs(owned)
  for (const count of counts) {
    const found = await nearestPairs(kernels, owned, count, {})
    const expected = all.slice(0, count)
    expect(found.map(({ i, j }) => [i, j])).toEqual(expected.map(({ i, j }) => [i, j]))
    // The order in which float64 is summed may tell in the last place.
    for (const [place, { score }] of found.entries()) expect(score).toBeCloseTo(expected[place]?.score ?? 0, 6)
  }
}

describe('nearestPairs()', { timeout: 60_000 }, () => {
  // Below a vector of 16, at it, at the heads, beyond them and not a multiple, and a nested one.
  it.each([
    [3, 1],
    [16, 1],
    [64, 1],
    [100, 1],
    [384, 1],
    [384, 0.97],
  ])('finds what all pairs in float64 say, at dim %i and decay %f', async (dim, decay) => {
    await check(alone(randomRows(300, dim, decay)), [1, 5, 100])
  })

  it('tells apart what int8 cannot', async () => {
    // One component is so large that a level is a third of what the others are at most, and these alone tell the rows apart.
    const rows = randomRows(300, 100)
    for (let row = 0; row < 300; row++) rows.data[row * 100] = 40
    await check(alone(rows), [1, 5, 100])
  })

  it('keeps the smaller rows of equal scores, also where not all of them fit', async () => {
    // Whole numbers: cosines of these are equal where they are equal in float64.
    const rows = randomRows(1100, 20)
    for (let at = 0; at < rows.data.length; at++) rows.data[at] = Math.round((rows.data[at] as number) * 4)
    // A row comes again five times, far apart and with another length: 15 pairs of cosine 1.
    for (const row of [7, 300, 1023, 1024, 1099]) {
      for (let place = 0; place < 20; place++) rows.data[row * 20 + place] = place + 1
    }
    rows.data.fill(0, 40 * 20, 41 * 20)
    await check(alone(rows), [1, 4, 10, 50])
  })

  it('pairs no two rows of one owner, and no two owners twice', async () => {
    const rows = randomRows(300, 40)
    const owners = Int32Array.from({ length: 300 }, (_, row) => Math.floor(row / 3))
    // The second row of each owner is nearly the first.
    for (let row = 0; row < 300; row += 3) {
      rows.data.set(rows.data.subarray(row * 40, (row + 1) * 40), (row + 1) * 40)
    }
    await check({ rows, owners }, [3, 40])
  })

  it('gives all there are where fewer are there than are asked for', async () => {
    await check(alone(randomRows(7, 24)), [100])
    expect(await nearestPairs(kernels, alone(randomRows(1, 24)), 5, {})).toEqual([])
    expect(await nearestPairs(kernels, alone({ data: new Float32Array(0), count: 0, dim: 24 }), 5, {})).toEqual([])
  })

  it('tells how far it is, and ends with the reason of its signal', async () => {
    const owned = alone(randomRows(2100, 16))
    const shares: number[] = []
    await nearestPairs(kernels, owned, 5, { onProgress: (share) => shares.push(share) })
    expect(shares).toEqual([expect.closeTo((1024 / 2100) ** 2), expect.closeTo((2048 / 2100) ** 2), 1])
    const controller = new AbortController()
    const reason = new Error('enough')
    const pause = (): Promise<void> => {
      controller.abort(reason)
      return Promise.resolve()
    }
    const rows = alone(randomRows(6000, 384))
    await expect(nearestPairs(kernels, rows, 5, { pause, signal: controller.signal })).rejects.toBe(reason)
  })
})
