import 'fake-indexeddb/auto'
import { deleteDB, openDB } from 'idb'
import { afterEach, describe, expect, it } from 'vitest'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { IdbStorage } from './idb-storage.js'
import { MemoryStorage } from './memory-storage.js'
import { openDatabase, type NestlingDatabase } from './open-database.js'
import { openStorage } from './open-storage.js'
import { describeRecordStorage } from './record-storage.contract.js'

const wipe = (): Promise<void> => deleteDB('nestling')

describeRecordStorage(
  'memory',
  async () => new MemoryStorage(),
  async () => undefined,
)
describeRecordStorage('fake-indexeddb', async () => new IdbStorage(await openDatabase()), wipe)

describe('openStorage()', () => {
  it.each<[string, () => Promise<NestlingDatabase>, RegExp]>([
    ['is blocked', () => Promise.reject(new DOMException('denied', 'SecurityError')), /SecurityError denied/],
    ['never opens', () => new Promise<never>(() => undefined), /did not open its storage in 0.05 s/],
  ])('keeps records in memory, and says why, where storage %s', async (_, open, reason) => {
    const opened = await openStorage(open, 50)
    expect(opened.reason).toMatch(reason)
    await opened.storage.commit([{ put: 'uses', key: ['a'], value: 1 }])
    expect(await opened.storage.get('uses', ['a'])).toBe(1)
  })
})

describe('the database', () => {
  afterEach(wipe)

  it('is brought from version 1 to this one with what it holds', async () => {
    const old = await openDB('nestling', 1, {
      upgrade(database) {
        database.createObjectStore('verdicts')
        database.createObjectStore('references')
      },
    })
    await old.put('references', { dim: 1, vectors: Float32Array.of(3) }, 'r')
    old.close()
    const database = await openDatabase()
    expect(await database.get('references', 'r')).toEqual({ dim: 1, vectors: Float32Array.of(3) })
    expect([...database.objectStoreNames]).toEqual([
      'blocks',
      'chunks',
      'downloads',
      'models',
      'partitions',
      'references',
      'uses',
      'vectors',
      'verdicts',
    ])
    database.close()
  })

  it('gives way to a newer page, and the older one gets a typed error', async () => {
    const { storage } = await openStorage()
    const newer = await openDB('nestling', 1000)
    const error: unknown = await storage.get('uses', ['a']).catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'store-unavailable') && error.message).toMatch(/another tab may run a newer version/)
    const reopened = await openStorage()
    expect(reopened.storage.kind).toBe('memory')
    expect(reopened.reason).toMatch(/VersionError/)
    newer.close()
  })
})

describe('IdbStorage', () => {
  it('tells of a full disk, and of one that does not answer', async () => {
    const full = new IdbStorage(await failing(() => Promise.reject(new DOMException('full', 'QuotaExceededError'))))
    const error: unknown = await full.get('uses', ['a']).catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'quota-exceeded')).toBe(true)
    const silent = new IdbStorage(await failing(() => new Promise(() => undefined)), 50)
    const late: unknown = await silent.get('uses', ['a']).catch((caught: unknown) => caught)
    expect(isEmbedderError(late, 'store-unavailable') && late.message).toMatch(/did not answer for 0.05 s/)
    await wipe()
  })
})

/** A database whose reads do something else. */
async function failing(get: () => Promise<never>): Promise<NestlingDatabase> {
  const database = await openDatabase()
  database.close()
  return new Proxy(database, { get: (target, key) => (key === 'get' ? get : (Reflect.get(target, key) as unknown)) })
}
