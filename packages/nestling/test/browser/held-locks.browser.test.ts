import { decodeFloats, worstError, type Golden } from '@nestling/testing'
import { holdLock } from '@nestling/testing/hung-tab'
import { outcomeOf, within } from '@nestling/testing/outcome'
import { embeddingCache, load, modelCache, plan, type Embedder, type LoadOptions, type ProgressEvent } from 'nestling'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const MODEL = '/fixtures/bert-mean-normalize'
const OTHER = '/fixtures/electra-mean'
const STORED: LoadOptions = { device: 'wasm' }

const embedders: Embedder[] = []
const tabs: Worker[] = []

beforeEach(async () => {
  await modelCache.clear()
  await embeddingCache.clear()
})
afterEach(async () => {
  for (const tab of tabs.splice(0)) tab.terminate()
  await Promise.all(embedders.splice(0).map((embedder) => embedder.dispose()))
})

async function open(model: string, options: LoadOptions = STORED): Promise<Embedder> {
  const embedder = await within(load(model, options))
  embedders.push(embedder)
  return embedder
}

async function hang(name: string): Promise<Worker> {
  const tab = await holdLock(name)
  tabs.push(tab)
  return tab
}

async function keyOf(model: string): Promise<string> {
  const { pathname } = new URL(model, location.href)
  const found = (await modelCache.list()).find(({ key }) => key.includes(pathname))
  if (found === undefined) throw new Error(`${model} is not stored`)
  return found.key
}

/** The lock of a model, which was stored once so that its key is known. */
async function lockOf(model: string): Promise<{ readonly key: string; readonly lock: string }> {
  await (await load(model, STORED)).dispose()
  const key = await keyOf(model)
  return { key, lock: `nestling:model:${key}` }
}

async function goldenOf(model: string): Promise<Golden> {
  return (await (await fetch(`${model}/golden.json`)).json()) as Golden
}

async function expectGolden(embedder: Embedder, model: string): Promise<void> {
  const golden = await goldenOf(model)
  const { data } = await within(embedder.encode(golden.texts))
  expect(worstError(data, decodeFloats(golden.embeddings), embedder.dim)).toBeLessThan(1e-4)
}

describe('a tab that hangs with the lock of a model', () => {
  it('keeps nobody from reading it when it is stored whole', async () => {
    const { key, lock } = await lockOf(MODEL)
    await hang(lock)
    const events: ProgressEvent[] = []
    for (const cache of [undefined, { weights: 'only' }] as const) {
      const embedder = await open(MODEL, { ...STORED, cache, onProgress: (event) => events.push(event) })
      expect(embedder.report.cache).toMatchObject({ weights: 'stored', reason: undefined })
      expect(embedder.report.warnings).toEqual([])
      await expectGolden(embedder, MODEL)
    }
    expect(events.map(({ phase }) => phase)).not.toContain('wait')
    expect(await within(plan(MODEL, STORED))).toMatchObject({ isCached: true })
    expect(await within(modelCache.verify(key))).toMatchObject({ isOk: true })
    expect(await within(modelCache.size(key))).toBeGreaterThan(0)
    expect((await within(modelCache.export(key))).size).toBeGreaterThan(0)
    expect(await within(modelCache.list())).toHaveLength(1)
  })

  it('is waited for in sight and not for long where something has to be written, by every call', async () => {
    const [{ key, lock }, other] = [await lockOf(MODEL), await lockOf(OTHER)]
    const file = await modelCache.export(key)
    await modelCache.delete(key)
    await hang(lock)
    const events: ProgressEvent[][] = [[], []]
    const waits: string[] = []
    const onWait = (name: string) => ({ onWait: () => waits.push(name) })
    const [fresh, anew, only, ...changes] = await Promise.all([
      open(MODEL, { ...STORED, onProgress: (event) => events[0]?.push(event) }),
      open(MODEL, { ...STORED, cache: { weights: 'reload' }, onProgress: (event) => events[1]?.push(event) }),
      outcomeOf(load(MODEL, { ...STORED, cache: { weights: 'only' } })),
      outcomeOf(modelCache.delete(key, onWait('delete'))),
      outcomeOf(modelCache.import(file, onWait('import'))),
      outcomeOf(modelCache.import(file)),
    ])
    for (const embedder of [fresh, anew]) {
      expect(embedder.report.cache.weights).toBe('not-stored')
      expect(embedder.report.cache.reason).toMatch(/another tab/)
      expect(embedder.report.warnings.map(({ kind }) => kind)).toEqual(['cache-unavailable'])
      await expectGolden(embedder, MODEL)
    }
    for (const seen of events) {
      expect(seen[0]).toEqual({ phase: 'wait', fraction: 0 })
      expect(seen.at(-1)).toMatchObject({ phase: 'ready', fraction: 1 })
    }
    expect(only).toEqual(['model-not-found', undefined])
    expect(changes).toEqual(Array.from(changes, () => ['store-unavailable', 'locked']))
    expect(waits.sort()).toEqual(['delete', 'import'])
    expect(await modelCache.list()).toMatchObject([{ key: other.key, isComplete: true }])
  })

  it('keeps clear() from nothing but its own model, and a signal ends every wait', async () => {
    const [{ key, lock }] = [await lockOf(MODEL), await lockOf(OTHER)]
    const tab = await hang(lock)
    const file = await modelCache.export(key)
    const reason = new Error('enough')
    for (const call of [
      modelCache.delete.bind(modelCache, key),
      modelCache.clear,
      modelCache.import.bind(modelCache, file),
    ]) {
      const controller = new AbortController()
      const onWait = (): void => {
        controller.abort(reason)
      }
      expect(await outcomeOf(call({ onWait, signal: controller.signal }))).toBe(reason)
    }
    expect(await outcomeOf(modelCache.clear())).toEqual(['store-unavailable', 'locked'])
    expect(await modelCache.list()).toMatchObject([{ key }])
    tab.terminate()
    expect(await within(modelCache.delete(key))).toBe(true)
  })

  it('lets the next one go on where it ends', async () => {
    const { key, lock } = await lockOf(MODEL)
    const tab = await hang(lock)
    const onWait = (): void => {
      tab.terminate()
    }
    expect(await within(modelCache.delete(key, { onWait }))).toBe(true)
  })
})

describe('a tab that hangs with the lock of kept embeddings', () => {
  it('holds up neither vectors nor their keeping, of any call', async () => {
    const options: LoadOptions = { device: 'wasm', cache: { weights: 'off', embeddings: true } }
    const texts = Array.from({ length: 700 }, (_, index) => `The river rises ${index} times.`)
    const first = await open(MODEL, options)
    const fresh = await first.encode(texts)
    await first.stats()
    for (const partition of await partitions()) await hang(`nestling:embeddings:${partition}`)
    await within(embeddingCache.clear())
    const embedder = await open(MODEL, options)
    expect(await within(embedder.encode(texts))).toEqual(fresh)
    expect((await within(embedder.stats())).embeddings).toMatchObject({ storedVectors: 700, misses: 700 })
    const again = await open(MODEL, options)
    expect(await within(again.encode(texts))).toEqual(fresh)
    expect((await within(again.stats())).embeddings).toMatchObject({ hits: 700, misses: 0 })
    expect(await within(embeddingCache.verify())).toEqual({ wholeVectors: 700, deletedVectors: 0 })
    await within(embedder.dispose())
  })
})

async function partitions(): Promise<readonly string[]> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open('nestling')
    request.onsuccess = () => {
      resolve(request.result)
    }
  })
  const keys = await new Promise<IDBValidKey[]>((resolve) => {
    const request = database.transaction('partitions').objectStore('partitions').getAllKeys()
    request.onsuccess = () => {
      resolve(request.result)
    }
  })
  database.close()
  return keys.map(String)
}
