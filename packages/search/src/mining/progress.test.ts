import type { FloatRows } from '@nestling/kit/math/float-rows'
import { progressFaults, watchProgress } from '@nestling/testing/progress-contract'
import { describe, expect, it, vi } from 'vitest'
import { communityDetection } from './community-detection.js'
import { paraphraseMining } from './mine-sentences.js'
import { paraphraseMiningEmbeddings } from './paraphrase-mining.js'
import { semanticSearch } from './semantic-search.js'
import type { LongWorkOptions } from './slices.js'

/** So many directions around the unit circle. */
function directions(count: number): FloatRows {
  const angles = Array.from({ length: count }, (_, index) => (index * 2 * Math.PI) / Math.max(count, 1))
  return { data: Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])), count, dim: 2 }
}

const CALLS: readonly (readonly [string, (rows: FloatRows, options: LongWorkOptions) => Promise<unknown>])[] = [
  ['semanticSearch', (rows, options) => semanticSearch(rows, rows, options)],
  ['paraphraseMiningEmbeddings', (rows, options) => paraphraseMiningEmbeddings(rows, options)],
  [
    'paraphraseMiningEmbeddings in parts',
    (rows, options) => paraphraseMiningEmbeddings(rows, { ...options, corpusChunkSize: 7 }),
  ],
  [
    'paraphraseMining',
    (rows, options) =>
      paraphraseMining({ encode: () => Promise.resolve(rows) }, Array.from({ length: rows.count }, String), options),
  ],
  ['communityDetection', (rows, options) => communityDetection(rows, { ...options, minCommunitySize: 1 })],
]

describe.each(CALLS)('the progress of %s', (_, call) => {
  it.each([0, 1, 2, 100])('ends at 1, with %s rows', async (count) => {
    const watched = await watchProgress((tell) =>
      call(directions(count), {
        onProgress: (fraction) => {
          tell({ fraction })
        },
      }),
    )
    expect(watched.value).toBeInstanceOf(Array)
    expect(progressFaults(watched)).toEqual([])
  })

  it.each([1, 50, 100])('ends with an abort at event %s', async (last) => {
    const controller = new AbortController()
    let heard = 0
    const watched = await watchProgress((tell) =>
      call(directions(100), {
        signal: controller.signal,
        onProgress: (fraction) => {
          tell({ fraction })
          if (++heard === last) controller.abort('enough')
        },
      }),
    )
    expect(watched).toMatchObject({ outcome: 'failed', value: 'enough' })
    expect(watched.events).toHaveLength(last)
    expect(progressFaults(watched)).toEqual([])
  })

  it('is not disturbed by a listener that throws', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    try {
      const onProgress = vi.fn(() => {
        throw new Error('broken listener')
      })
      const rest = (): Promise<void> => Promise.resolve()
      expect(await call(directions(5), { onProgress, pause: rest })).toEqual(await call(directions(5), { pause: rest }))
      expect(onProgress).toHaveBeenCalled()
      expect(() => vi.runAllTimers()).toThrow('broken listener')
    } finally {
      vi.useRealTimers()
    }
  })
})
