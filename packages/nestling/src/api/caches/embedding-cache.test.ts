import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { afterEach, describe, expect, it } from 'vitest'
import { EmbeddingStore } from '../../store/embeddings/embedding-store.js'
import { openStorage } from '../../store/records/open-storage.js'
import { digestText } from '../../store/embeddings/text-digest.js'
import { embeddingCache, type ClearEmbeddingsOptions } from './embedding-cache.js'

const FACTS = { spaceId: 's', model: 'm', prompt: '', maxSeqLength: 8, numerics: 'n', onTruncate: 'truncate' } as const

async function keep(spaceId: string, texts: readonly string[]): Promise<void> {
  const { storage } = await openStorage()
  const store = new EmbeddingStore(storage, { maxBytes: 2 ** 20 })
  const partition = store.partition({ ...FACTS, spaceId })
  for (const text of texts) partition.put(digestText(text), { vector: Float32Array.of(1, 2), tokenCount: 1 })
  await store.flush()
  storage.close()
}

afterEach(() => deleteDB('nestling'))

describe('embeddingCache', () => {
  it('counts, checks and clears without a model', async () => {
    expect(await embeddingCache.stats()).toEqual({ storedVectors: 0, sizeBytes: 0, spaces: [] })
    await keep('a', ['x', 'y'])
    await keep('b', ['x'])
    // 16 bytes of digest, 4 of a count, 2 components.
    expect(await embeddingCache.size()).toBe(3 * 28)
    expect(await embeddingCache.verify()).toEqual({ wholeVectors: 3, deletedVectors: 0 })
    await embeddingCache.clear({ space: 'a' })
    expect(await embeddingCache.stats()).toMatchObject({ storedVectors: 1, spaces: [{ id: 'b', model: 'm' }] })
    await embeddingCache.clear()
    expect(await embeddingCache.size()).toBe(0)
  })

  it.each([[{ spaces: 'a' }], [{ space: 7 }], [null], ['a']])('refuses %o', async (options) => {
    await keep('a', ['x'])
    await expect(embeddingCache.clear(options as ClearEmbeddingsOptions)).rejects.toThrow(TypeError)
    expect(await embeddingCache.size()).toBe(28)
  })

  it('closes the database behind itself', async () => {
    await keep('a', ['x'])
    await embeddingCache.stats()
    // A database that is open somewhere is not deleted before that gives way.
    await deleteDB('nestling', {
      blocked: () => {
        throw new Error('It is open')
      },
    })
  })
})
