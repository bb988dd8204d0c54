import { progressFaults, watchProgress } from '@nestling/testing/progress-contract'
import { createIndex, type SearchIndex } from '@nestling/search'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let index: SearchIndex
beforeEach(async () => {
  index = await createIndex()
})
afterEach(() => index.dispose())

/** Directions around a circle, one document each. */
function documents(count: number): { id: number; embedding: Float32Array }[] {
  return Array.from({ length: count }, (_, id) => {
    return { id, embedding: Float32Array.of(Math.cos(id), Math.sin(id), 1) }
  })
}

type Share = (share: number) => void
interface Mining {
  readonly onProgress: Share
  readonly signal?: AbortSignal
}

describe.each(['paraphraseMining', 'communityDetection'] as const)('the progress of index.%s', (method) => {
  const mine = (options: Mining): Promise<unknown> => index[method](options)

  it.each([0, 1, 2000])('ends at 1, with %s documents', async (count) => {
    await index.add(documents(count))
    const call = await watchProgress((tell) =>
      mine({
        onProgress: (fraction) => {
          tell({ fraction })
        },
      }),
    )
    expect(call.value).toBeInstanceOf(Array)
    expect(progressFaults(call)).toEqual([])
  })

  it('ends with an abort and with dispose()', async () => {
    await index.add(documents(3000))
    const controller = new AbortController()
    const aborted = await watchProgress((tell) =>
      mine({
        signal: controller.signal,
        onProgress: (fraction) => {
          tell({ fraction })
          controller.abort('enough')
        },
      }),
    )
    expect(aborted).toMatchObject({ outcome: 'failed', value: 'enough' })
    expect(aborted.events).toHaveLength(1)
    expect(progressFaults(aborted)).toEqual([])
    const disposed = await watchProgress((tell) =>
      mine({
        onProgress: (fraction) => {
          tell({ fraction })
          void index.dispose()
        },
      }),
    )
    expect(disposed).toMatchObject({ outcome: 'failed', value: { code: 'disposed' } })
    expect(progressFaults(disposed)).toEqual([])
  })

  it('refuses a listener that is none', async () => {
    await expect(mine({ onProgress: 'log' as unknown as Share })).rejects.toThrow(
      /^Cannot compare documents as onProgress must be a function: current value is "log"/,
    )
  })
})

describe.each(['add', 'update'] as const)('the progress of index.%s', (method) => {
  it.each([1, 500, 10_000])('counts to %s documents', async (count) => {
    const call = await watchProgress((onProgress) => index[method](documents(count), { onProgress }))
    expect(call.outcome).toBe('done')
    expect(progressFaults(call)).toEqual([])
    expect(call.events.at(-1)).toEqual({ done: count, total: count })
  })

  it('ends with an abort, also at the last document, and adds nothing then', async () => {
    for (const count of [500, 10_000]) {
      const controller = new AbortController()
      const call = await watchProgress((tell) =>
        index[method](documents(count), {
          signal: controller.signal,
          onProgress: (event) => {
            tell(event)
            controller.abort('enough')
          },
        }),
      )
      expect(call).toMatchObject({ outcome: 'failed', value: 'enough' })
      expect(call.events).toHaveLength(1)
      expect(progressFaults(call)).toEqual([])
    }
    expect((await index.stats()).documents).toBe(0)
  })
})
