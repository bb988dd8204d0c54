import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase, type NestlingDatabase } from '../store/records/open-database.js'
import type { StoredVerdict } from '../store/records/stored-verdict.js'
import { VerdictStore } from './verdict-store.js'

const VERDICT: StoredVerdict = {
  isPassed: false,
  verification: {
    verified: false,
    reason: 'the cosine of text 2 at dim 16 is 0.5, below 0.9999',
    source: 'golden',
    minCosine: 0.5,
    meanCosine: 0.9,
    dims: [32, 16],
    texts: 3,
    durationMs: 12,
    isRemembered: false,
  },
}

const stores: VerdictStore[] = []

function storeOf(...parts: ConstructorParameters<typeof VerdictStore>): VerdictStore {
  const store = new VerdictStore(...parts)
  stores.push(store)
  return store
}

afterEach(async () => {
  for (const store of stores.splice(0)) store.close()
  await deleteDB('nestling')
})

describe('VerdictStore', () => {
  it('finds what an earlier one stored, and nothing under another key', async () => {
    await storeOf().rememberVerdict('a', VERDICT)
    await storeOf().rememberReference('r', { dim: 2, vectors: Float32Array.of(1, 2) })
    const later = storeOf()
    expect(await later.verdict('a')).toEqual(VERDICT)
    expect(await later.verdict('b')).toBeUndefined()
    expect(await later.reference('r')).toEqual({ dim: 2, vectors: Float32Array.of(1, 2) })
    expect(await later.reference('a')).toBeUndefined()
  })

  it('starts anew when there are too many', async () => {
    const store = storeOf()
    for (let index = 0; index < 21; index++) {
      await store.rememberReference(`r${index}`, { dim: 1, vectors: Float32Array.of(index) })
    }
    expect(await store.reference('r0')).toBeUndefined()
    expect(await store.reference('r20')).toEqual({ dim: 1, vectors: Float32Array.of(20) })
  })

  it.each<[string, () => Promise<NestlingDatabase>]>([
    ['is blocked', () => Promise.reject(new DOMException('The user denied permission', 'SecurityError'))],
    ['never opens', () => new Promise<never>(() => undefined)],
    [
      'never answers',
      () => openDatabase().then((database) => withMethods(database, () => new Promise(() => undefined))),
    ],
    [
      'is full',
      () =>
        openDatabase().then((database) =>
          withMethods(database, () => Promise.reject(new DOMException('Full', 'QuotaExceededError'))),
        ),
    ],
  ])('remembers nothing, and soon, where storage %s', async (_, open) => {
    const store = storeOf(open, 50)
    const started = performance.now()
    await store.rememberVerdict('a', VERDICT)
    expect(await store.verdict('a')).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('remembers nothing where the browser has no IndexedDB', async () => {
    const factory = globalThis.indexedDB
    Reflect.deleteProperty(globalThis, 'indexedDB')
    try {
      const store = storeOf()
      await store.rememberVerdict('a', VERDICT)
      expect(await store.verdict('a')).toBeUndefined()
    } finally {
      globalThis.indexedDB = factory
    }
  })

  it('makes no database that nobody needs', async () => {
    storeOf().close()
    expect(await indexedDB.databases()).toEqual([])
  })

  it('gives way to a later version in another tab', async () => {
    const store = storeOf()
    await store.rememberVerdict('a', VERDICT)
    await deleteDB('nestling')
    expect(await store.verdict('a')).toBeUndefined()
  })

  it('closes a database that opens after its own end', async () => {
    const opening = openDatabase()
    const store = storeOf(() => opening)
    void store.open()
    store.close()
    const database = await opening
    await expect.poll(() => database.get('verdicts', 'a').catch(() => 'closed')).toBe('closed')
  })
})

/** A database whose reads and writes do something else. */
function withMethods(database: NestlingDatabase, method: () => Promise<never>): NestlingDatabase {
  return new Proxy(database, {
    get: (target, key) => {
      if (key === 'get' || key === 'put' || key === 'count') return method
      const value = Reflect.get(target, key) as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
