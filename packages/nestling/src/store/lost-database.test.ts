import 'fake-indexeddb/auto'
import { deleteDB, openDB } from 'idb'
import { afterEach, describe, expect, it } from 'vitest'
import { isEmbedderError } from '../wire/embedder-error.js'
import { EmbeddingStore } from './embeddings/embedding-store.js'
import { openDatabase, type NestlingDatabase } from './records/open-database.js'
import { openStorage } from './records/open-storage.js'
import { digestText } from './embeddings/text-digest.js'
import { VerdictStore } from '../certify/verdict-store.js'

const opened: NestlingDatabase[] = []

/** Opens the database, and lets the test close it as a browser does. */
async function open(): Promise<NestlingDatabase> {
  const database = await openDatabase()
  opened.push(database)
  return database
}

/** What a browser does when the user deletes the site's data: connections are closed, and the records are gone. */
async function deleteSiteData(): Promise<void> {
  for (const database of opened) database.close()
  await deleteDB('nestling')
}

afterEach(async () => {
  for (const database of opened.splice(0)) database.close()
  await deleteDB('nestling')
})

const FACTS = {
  spaceId: 'space',
  model: 'model',
  prompt: '',
  maxSeqLength: 64,
  numerics: 'kernels q8',
  onTruncate: 'truncate',
} as const

describe('records of a database that the browser has closed', () => {
  it('are gone, and new ones are written and read, by every call', async () => {
    const { storage } = await openStorage(open)
    await storage.commit([{ put: 'uses', key: ['a'], value: 1 }])
    const calls: readonly (readonly [() => Promise<unknown>, unknown])[] = [
      [() => storage.get('uses', ['a']), undefined],
      [() => storage.getMany('uses', [['a'], ['b']]), [undefined, undefined]],
      [() => storage.list('uses', []), []],
      [() => storage.keys('uses', []), []],
      [() => storage.commit([{ put: 'uses', key: ['c'], value: 3 }]), undefined],
    ]
    for (const [call, answer] of calls) {
      await deleteSiteData()
      expect(await call()).toEqual(answer)
    }
    expect(await storage.keys('uses', [])).toEqual([['c']])
    storage.close()
  })

  it('are read again where only the connection was lost', async () => {
    const { storage } = await openStorage(open)
    await storage.commit([{ put: 'uses', key: ['a'], value: 1 }])
    for (const database of opened) database.close()
    expect(await Promise.all([storage.get('uses', ['a']), storage.keys('uses', [])])).toEqual([1, [['a']]])
    storage.close()
  })

  it('are not opened again after the end of their storage', async () => {
    const { storage } = await openStorage(open)
    storage.close()
    const error: unknown = await storage.get('uses', ['a']).catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'store-unavailable')).toBe(true)
    expect(opened).toHaveLength(1)
  })

  it('are out of reach, with a typed error, where it does not open again', async () => {
    let isBlocked = false
    const { storage } = await openStorage(() =>
      isBlocked ? Promise.reject(new DOMException('denied', 'SecurityError')) : open(),
    )
    isBlocked = true
    for (const database of opened) database.close()
    for (const call of [() => storage.keys('uses', []), () => storage.commit([{ delete: 'uses', key: ['a'] }])]) {
      const error: unknown = await call().catch((caught: unknown) => caught)
      expect(isEmbedderError(error, 'store-unavailable') && error.message).toMatch(/SecurityError denied/)
    }
    storage.close()
  })

  it('are out of reach where a newer page has upgraded it', async () => {
    const { storage } = await openStorage(open)
    const newer = await openDB('nestling', 1000)
    const error: unknown = await storage.keys('uses', []).catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'store-unavailable') && error.details['reason']).toBe('VersionError')
    newer.close()
    storage.close()
  })
})

describe('stores whose database the browser has closed', () => {
  it('miss the embeddings that were lost, and keep new ones', async () => {
    const { storage } = await openStorage(open)
    const failures: unknown[] = []
    const store = new EmbeddingStore(storage, { maxBytes: 2 ** 20, onFailure: (error) => failures.push(error) })
    const partition = store.partition(FACTS)
    const wanted = ['old', 'new'].map((text) => ({ digest: digestText(text), dim: 2 }))
    partition.put(digestText('old'), { vector: Float32Array.of(1, 2), tokenCount: 3 })
    await store.flush()
    await deleteSiteData()
    expect(await partition.find(wanted)).toEqual([undefined, undefined])
    partition.put(digestText('new'), { vector: Float32Array.of(3, 4), tokenCount: 5 })
    await store.flush()
    expect(failures).toEqual([])
    const later = new EmbeddingStore(storage, { maxBytes: 2 ** 20 }).partition(FACTS)
    expect(await later.find(wanted)).toEqual([undefined, { vector: Float32Array.of(3, 4), tokenCount: 5 }])
    storage.close()
  })

  it('remember verdicts and references again', async () => {
    const store = new VerdictStore(open)
    await store.rememberReference('a', { dim: 1, vectors: Float32Array.of(1) })
    await deleteSiteData()
    expect(await store.reference('a')).toBeUndefined()
    await deleteSiteData()
    await store.rememberReference('a', { dim: 1, vectors: Float32Array.of(2) })
    expect(await store.reference('a')).toEqual({ dim: 1, vectors: Float32Array.of(2) })
    store.close()
  })
})
