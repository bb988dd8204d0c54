import type { HubRequest } from '@nestling/testing/hub'
import { load, plan, type LoadOptions, type ProgressEvent } from 'nestling'
import { beforeEach, describe, expect, inject, it } from 'vitest'

const HUB = inject('hubUrl')
const SLOW = 'faults/slow'
const OPTIONS: LoadOptions = { device: 'wasm', endpoint: HUB }

beforeEach(async () => {
  await new Promise((resolve) => {
    indexedDB.deleteDatabase('nestling').onsuccess = resolve
  })
})

async function weightRequests(): Promise<HubRequest[]> {
  const requests = (await (await fetch(`${HUB}/-/requests`)).json()) as HubRequest[]
  return requests.filter(({ host, path }) => host === 'storage' && path === `/${SLOW}/model.safetensors`)
}

/** Each has a worker of its own, which is to the store what another tab is. */
/** Weights and tokenizer. */
const MODEL_BYTES = 285_512 + 31_959

describe('two that load one model', () => {
  it('download it once; the one that waits tells how far the other is, and the model is stored then', async () => {
    const before = (await weightRequests()).length
    const seen: [ProgressEvent[], ProgressEvent[]] = [[], []]
    const embedders = await Promise.all(
      seen.map((events) => load(SLOW, { ...OPTIONS, onProgress: (event) => events.push(event) })),
    )
    expect(await weightRequests()).toHaveLength(before + 1)
    expect(embedders.map(({ report }) => report.cache.weights).sort()).toEqual(['downloaded', 'stored'])
    for (const { report } of embedders) {
      expect(report.cache).toMatchObject({ storage: 'indexeddb', reason: undefined })
      expect(report.cache.usageBytes).toBeGreaterThan(100_000)
      expect(report.cache.quotaBytes).toBeGreaterThan(report.cache.usageBytes ?? Infinity)
      expect(typeof report.cache.isPersisted).toBe('boolean')
      expect(report.warnings).toEqual([])
    }
    const waiter = seen[embedders.findIndex(({ report }) => report.cache.weights === 'stored')] ?? []
    // It reads 8 files itself, each in one piece.
    expect(new Set(waiter.map(({ loadedBytes }) => loadedBytes)).size).toBeGreaterThan(20)
    const fractions = waiter.map(({ fraction }) => fraction)
    expect(fractions).toEqual([...fractions].sort((x, y) => x - y))
    const [a, b] = await Promise.all(embedders.map((embedder) => embedder.encode('It is well.')))
    expect(a?.data).toEqual(b?.data)
    await Promise.all(embedders.map((embedder) => embedder.dispose()))
    expect(await plan(SLOW, OPTIONS)).toMatchObject({ isCached: true, modelBytes: 0 })
    expect(await plan(SLOW, { ...OPTIONS, cache: false })).toMatchObject({ isCached: false, modelBytes: MODEL_BYTES })
    const again = await load(SLOW, { ...OPTIONS, cache: { weights: 'only' } })
    expect(again.report.cache.weights).toBe('stored')
    await again.dispose()
    expect(await weightRequests()).toHaveLength(before + 1)
  })

  it('do not depend on each other: where the one that downloads ends, the other takes over', async () => {
    const controller = new AbortController()
    const onProgress = ({ loadedBytes = 0 }: ProgressEvent): void => {
      if (loadedBytes > 100_000) controller.abort(new Error('closed'))
    }
    const first = load(SLOW, { ...OPTIONS, onProgress, signal: controller.signal })
    first.catch(() => undefined)
    await expect.poll(async () => (await navigator.locks.query()).held?.length).toBe(1)
    const second = await load(SLOW, OPTIONS)
    await expect(first).rejects.toThrow('closed')
    expect(second.report.cache.weights).toBe('downloaded')
    await second.dispose()
  })
})

describe('a model that was unloaded', () => {
  it("comes back from the store, also where it was loaded with weights: 'reload'", async () => {
    const count = async (): Promise<number> => ((await (await fetch(`${HUB}/-/requests`)).json()) as unknown[]).length
    const embedder = await load('tiny/bert', { ...OPTIONS, cache: { weights: 'reload' }, idleTimeoutMs: 100 })
    const { data } = await embedder.encode('It is well.')
    expect(embedder.report.cache.weights).toBe('downloaded')
    await expect.poll(() => embedder.report.isLoaded).toBe(false)
    const before = await count()
    expect((await embedder.encode('It is well.')).data).toEqual(data)
    expect(await count()).toBe(before)
    expect(embedder.report).toMatchObject({ restarts: 1, cache: { weights: 'stored' } })
    await embedder.dispose()
  })
})
