import { describe, expect, it } from 'vitest'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { openedStorages } from './opened-storages.contract.js'
import type { RecordStorage } from './record-storage.js'
import type { StoredBlockIndex } from '../embeddings/stored-block.js'

/**
 * Says what every storage of records does. The same suite runs in memory, on fake-indexeddb and in real browsers.
 *
 * @param open - Opens it; twice in one test is the same records, unless it is in memory.
 * @param wipe - Deletes all that was stored.
 */
export function describeRecordStorage(
  name: string,
  open: () => Promise<RecordStorage>,
  wipe: () => Promise<unknown>,
): void {
  describe(`RecordStorage in ${name}`, () => {
    const openOne = openedStorages(open, wipe)

    it('gives back what was put, and undefined where nothing was', async () => {
      const storage = await openOne()
      await storage.commit([{ put: 'uses', key: ['model', 'a'], value: 7 }])
      expect(await storage.get('uses', ['model', 'a'])).toBe(7)
      expect(await storage.get('uses', ['model', 'b'])).toBeUndefined()
      expect(await storage.getMany('uses', [['x'], ['model', 'a'], ['model', 'a']])).toEqual([undefined, 7, 7])
    })

    it('copies on the way in and out', async () => {
      const storage = await openOne()
      const value = Uint8Array.of(1, 2, 3)
      await storage.commit([{ put: 'chunks', key: ['m', 'g', 'p', 0], value }])
      value[0] = 9
      const read = await storage.get('chunks', ['m', 'g', 'p', 0])
      expect(read).toEqual(Uint8Array.of(1, 2, 3))
      if (read !== undefined) read[0] = 9
      expect(await storage.get('chunks', ['m', 'g', 'p', 0])).toEqual(Uint8Array.of(1, 2, 3))
    })

    it('stores a view of a larger buffer as that view alone', async () => {
      const storage = await openOne()
      const large = new Uint8Array(1024).fill(5)
      await storage.commit([{ put: 'chunks', key: ['m', 'g', 'p', 0], value: large.slice(10, 12) }])
      expect(await storage.get('chunks', ['m', 'g', 'p', 0])).toEqual(Uint8Array.of(5, 5))
    })

    it('lists by prefix, in the order of IndexedDB', async () => {
      const storage = await openOne()
      const keys = [['b', 1], ['a', 10], ['a', 9], ['a', 'x'], ['a', 'x', 1], ['ab', 1], ['a']]
      await storage.commit(keys.map((key, value) => ({ put: 'uses', key, value })))
      expect(await storage.keys('uses', ['a'])).toEqual([['a'], ['a', 9], ['a', 10], ['a', 'x'], ['a', 'x', 1]])
      expect(await storage.keys('uses', [])).toHaveLength(keys.length)
      expect(await storage.list('uses', ['a', 'x'])).toEqual([
        { key: ['a', 'x'], value: 3 },
        { key: ['a', 'x', 1], value: 4 },
      ])
      expect(await storage.list('uses', ['none'])).toEqual([])
    })

    it('makes the changes of a commit in their order', async () => {
      const storage = await openOne()
      await storage.commit([
        { put: 'uses', key: ['a', 1], value: 1 },
        { put: 'uses', key: ['a', 2], value: 2 },
        { deleteAll: 'uses', prefix: ['a'] },
        { put: 'uses', key: ['a', 2], value: 3 },
        { put: 'uses', key: ['b'], value: 4 },
        { delete: 'uses', key: ['b'] },
        { delete: 'uses', key: ['never'] },
      ])
      expect(await storage.list('uses', [])).toEqual([{ key: ['a', 2], value: 3 }])
      await storage.commit([])
    })

    it('makes all changes or none', async () => {
      const storage = await openOne()
      const broken = { dim: 1, digests: () => undefined } as unknown as StoredBlockIndex
      const error: unknown = await storage
        .commit([
          { put: 'uses', key: ['a'], value: 1 },
          { put: 'blocks', key: ['p', 1], value: broken },
        ])
        .catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(Error)
      expect(await storage.keys('uses', [])).toEqual([])
    })

    it('rejects with a typed error after close()', async () => {
      const storage = await openOne()
      storage.close()
      storage.close()
      for (const call of [
        () => storage.get('uses', ['a']),
        () => storage.getMany('uses', [['a']]),
        () => storage.list('uses', []),
        () => storage.keys('uses', []),
        () => storage.commit([{ delete: 'uses', key: ['a'] }]),
      ]) {
        const error: unknown = await call().catch((caught: unknown) => caught)
        expect(isEmbedderError(error, 'store-unavailable')).toBe(true)
      }
    })

    it.skipIf(name === 'memory')('keeps records for the next one that opens it', async () => {
      const first = await openOne()
      await first.commit([{ put: 'uses', key: ['a'], value: 1 }])
      first.close()
      expect(await (await openOne()).get('uses', ['a'])).toBe(1)
    })
  })
}
