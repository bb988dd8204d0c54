import { mulberry32 } from '@nestling/testing/mixtures'
import { searchKernels } from '@nestling/testing/search-kernels'
import { expect, it } from 'vitest'
import { paraphraseMiningEmbeddings } from '../mining/paraphrase-mining.js'
import { nearestPairs } from './nearest-pairs.js'

const DIM = 384

/** As nested models have them: components get smaller, so that 64 have two thirds of a vector's length squared; of 1 all are alike. */
function rowsOf(count: number, decay: number): Float32Array {
  const random = mulberry32(1)
  return Float32Array.from({ length: count * DIM }, (_, at) => (random() + random() - 1) * decay ** (at % DIM))
}

it.each([0.9915, 1])(
  'finds five pairs of 20,000 rows sooner than all pairs are compared, at decay %f',
  { timeout: 600_000 },
  async (decay) => {
    const kernels = await searchKernels()
    const all = rowsOf(20_000, decay)
    const owners = Int32Array.from({ length: 20_000 }, (_, row) => row)
    const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
      const start = performance.now()
      return [await work(), performance.now() - start]
    }
    // What takes time by the square is measured on a tenth of the rows.
    const some = { data: all.subarray(0, 2000 * DIM), count: 2000, dim: DIM }
    const [before, beforeMs] = await timed(() => paraphraseMiningEmbeddings(some, { maxPairs: 5 }))
    const [same] = await timed(() => nearestPairs(kernels, { rows: some, owners: owners.subarray(0, 2000) }, 5, {}))
    expect(same.map(({ i, j }) => [i, j])).toEqual(before.map(({ i, j }) => [i, j]))
    const rows = { data: all, count: 20_000, dim: DIM }
    const [, afterMs] = await timed(() => nearestPairs(kernels, { rows, owners }, 5, {}))
    const seconds = (ms: number): string => (ms / 1000).toFixed(1)
    process.stdout.write(
      `decay ${decay}: all with all ${seconds(100 * beforeMs)} s (a hundred times 2,000 rows), nearest pairs ${seconds(afterMs)} s\n`,
    )
    expect(afterMs).toBeLessThan(20 * beforeMs)
  },
)
