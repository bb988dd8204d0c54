import { afterEach, describe, expect, it } from 'vitest'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { blockKey, blockNameOf } from './block-name.js'
import { clearEmbeddings, embeddingContents, verifyEmbeddings } from './embedding-contents.js'
import { EmbeddingStore } from './embedding-store.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredBlockIndex, StoredPartition } from './stored-block.js'
import type { StoredVector } from './stored-vector.js'
import { digestText } from './text-digest.js'

const FACTS: StoredPartition = {
  spaceId: 'space',
  model: 'model',
  prompt: '',
  maxSeqLength: 64,
  numerics: 'onnx fp32',
  onTruncate: 'truncate',
}
const MAX_BYTES = 2 ** 20

/** A vector that only this text has. */
function vectorOf(text: string, dim: number): Float32Array {
  const seed = digestText(text).charCodeAt(0)
  return Float32Array.from({ length: dim }, (_, index) => Math.fround(seed + index / 7))
}

const textsFrom = (start: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `text ${start + index}`)

/**
 * Says what an embedding store does. The same suite runs in memory, on fake-indexeddb and in real browsers.
 *
 * @param name - The storage under it.
 * @param open - Opens the storage.
 * @param wipe - Deletes all that was stored.
 */
export function describeEmbeddingStore(
  name: string,
  open: () => Promise<RecordStorage>,
  wipe: () => Promise<unknown>,
): void {
  describe(`EmbeddingStore in ${name}`, () => {
    let storage: RecordStorage
    const start = async (): Promise<void> => {
      storage = await open()
    }
    afterEach(async () => {
      storage.close()
      await wipe()
    })

    /** A new one reads what others wrote, as one in another tab does: nothing of it is in its memory. */
    const storeOf = (maxBytes = MAX_BYTES): EmbeddingStore =>
      new EmbeddingStore(storage, {
        maxBytes,
        onFailure: (error) => {
          throw error
        },
      })
    const put = (store: EmbeddingStore, texts: readonly string[], dim: number, facts = FACTS): void => {
      const partition = store.partition(facts)
      for (const text of texts) {
        partition.put(digestText(text), { vector: vectorOf(text, dim), tokenCount: text.length })
      }
    }
    const write = async (store: EmbeddingStore, texts: readonly string[], dim = 4, facts = FACTS): Promise<void> => {
      put(store, texts, dim, facts)
      await store.flush()
    }
    const find = (
      store: EmbeddingStore,
      texts: readonly string[],
      dim = 4,
      facts = FACTS,
    ): Promise<readonly (StoredVector | undefined)[]> =>
      store.partition(facts).find(texts.map((text) => ({ digest: digestText(text), dim })))
    const countFound = async (store: EmbeddingStore, texts: readonly string[], dim = 4): Promise<number> =>
      (await find(store, texts, dim)).filter((stored) => stored !== undefined).length
    const blocks = async (): Promise<number> => (await storage.keys('blocks', [])).length

    it('finds what was put, at once and in another tab, and nothing else', async () => {
      await start()
      const [first, second] = [storeOf(), storeOf()]
      const texts = textsFrom(0, 600)
      expect(await countFound(first, texts)).toBe(0)
      put(first, texts, 4)
      for (const [pass, store] of [first, first, second, second].entries()) {
        if (pass === 1) await first.flush()
        const found = await find(store, [...texts, 'other'])
        expect(found.at(-1)).toBeUndefined()
        for (const [index, text] of texts.entries()) {
          expect(found[index]).toEqual({ vector: vectorOf(text, 4), tokenCount: text.length })
        }
      }
      expect(await find(second, ['text 7', 'text 7', 'none', 'text 599'])).toEqual([
        { vector: vectorOf('text 7', 4), tokenCount: 6 },
        { vector: vectorOf('text 7', 4), tokenCount: 6 },
        undefined,
        { vector: vectorOf('text 599', 4), tokenCount: 8 },
      ])
      expect(await blocks()).toBe(3)
    })

    it('writes by itself, a little later', async () => {
      await start()
      put(storeOf(), ['a'], 4)
      await expect.poll(() => countFound(storeOf(), ['a'])).toBe(1)
    })

    it.each<[string, Partial<StoredPartition>]>([
      ['model', { spaceId: 'other' }],
      ['prompt', { prompt: 'query: ' }],
      ['maximum length', { maxSeqLength: 65 }],
      ['kind of numbers', { numerics: 'onnx fp16 webgpu' }],
      ['treatment of long texts', { onTruncate: 'chunk' }],
    ])('answers nothing from another %s', async (_, changed) => {
      await start()
      const store = storeOf()
      await write(store, ['a'])
      expect(await find(store, ['a'], 4, { ...FACTS, ...changed })).toEqual([undefined])
      expect(await find(storeOf(), ['a'], 4, { ...FACTS, ...changed })).toEqual([undefined])
    })

    it('answers for a model that was renamed', async () => {
      await start()
      await write(storeOf(), ['a'])
      expect(await find(storeOf(), ['a'], 4, { ...FACTS, model: 'new name' })).toHaveLength(1)
      expect((await find(storeOf(), ['a'], 4, { ...FACTS, model: 'new name' }))[0]?.tokenCount).toBe(1)
    })

    it('keeps the longer vector of a text, and deletes blocks that nobody finds', async () => {
      await start()
      const store = storeOf()
      const texts = textsFrom(0, 10)
      await write(store, texts, 4)
      expect(await countFound(store, texts, 5)).toBe(0)
      await write(store, texts, 8)
      expect((await find(storeOf(), ['text 3'], 3))[0]?.vector).toEqual(vectorOf('text 3', 8))
      await write(store, ['more'], 8)
      expect(await blocks()).toBe(2)
      // A shorter one that comes later is none.
      await write(store, texts, 4)
      expect((await find(storeOf(), ['text 3'], 3))[0]?.vector).toEqual(vectorOf('text 3', 8))
    })

    it('writes small blocks together', async () => {
      await start()
      const store = storeOf()
      const texts = textsFrom(0, 100)
      for (const text of texts) await write(store, [text])
      expect(await blocks()).toBeLessThanOrEqual(10)
      expect((await embeddingContents(storage)).storedVectors).toBe(100)
      expect(await find(storeOf(), texts)).toEqual(
        texts.map((text) => ({ vector: vectorOf(text, 4), tokenCount: text.length })),
      )
    })

    it('never gives a vector of a damaged block, and deletes it', async () => {
      await start()
      for (const damage of [vectorDamage, digestDamage, lengthDamage, moveDamage]) {
        await write(storeOf(), ['a', 'b'])
        await damage(storage)
        expect(await find(storeOf(), ['a', 'b'])).toEqual([undefined, undefined])
        expect(await verifyEmbeddings(storage)).toMatchObject({ deletedVectors: damage === lengthDamage ? 2 : 0 })
        expect(await blocks()).toBe(0)
      }
    })

    it('verifies', async () => {
      await start()
      expect(await verifyEmbeddings(storage)).toEqual({ wholeVectors: 0, deletedVectors: 0 })
      await write(storeOf(), textsFrom(0, 300))
      await write(storeOf(), ['a', 'b', 'c'], 4, { ...FACTS, spaceId: 'other' })
      expect(await verifyEmbeddings(storage)).toEqual({ wholeVectors: 303, deletedVectors: 0 })
      const [key] = await storage.keys('vectors', [])
      const count = blockNameOf(key ?? []).count
      await storage.commit([{ delete: 'vectors', key: key ?? [] }])
      expect(await verifyEmbeddings(storage)).toEqual({ wholeVectors: 303 - count, deletedVectors: count })
      expect(await verifyEmbeddings(storage)).toEqual({ wholeVectors: 303 - count, deletedVectors: 0 })
    })

    it('counts and clears by space', async () => {
      await start()
      const store = storeOf()
      const other = { ...FACTS, spaceId: 'other', model: 'another' }
      await write(store, ['a', 'b'])
      await write(store, ['a'], 4, { ...FACTS, prompt: 'p' })
      await write(store, ['a'], 8, other)
      // 16 bytes of digest, 4 of a count and 4 a component.
      expect(await embeddingContents(storage)).toEqual({
        storedVectors: 4,
        sizeBytes: 3 * 36 + 52,
        spaces: expect.arrayContaining([
          { id: 'space', model: 'model', storedVectors: 3, sizeBytes: 3 * 36 },
          { id: 'other', model: 'another', storedVectors: 1, sizeBytes: 52 },
        ]) as unknown,
      })
      await storage.commit([{ put: 'uses', key: ['model', 'm'], value: 1 }])
      await clearEmbeddings(storage, 'other')
      // In the very store that wrote it, whose memory must not answer for it.
      expect(await find(store, ['a'], 8, other)).toEqual([undefined])
      expect(await countFound(store, ['a', 'b'])).toBe(2)
      await clearEmbeddings(storage, 'none')
      expect((await embeddingContents(storage)).storedVectors).toBe(3)
      await clearEmbeddings(storage)
      expect(await countFound(store, ['a', 'b'])).toBe(0)
      expect(await embeddingContents(storage)).toEqual({ storedVectors: 0, sizeBytes: 0, spaces: [] })
      expect(await storage.list('uses', [])).toEqual([{ key: ['model', 'm'], value: 1 }])
    })

    it('makes room for new vectors by those that were not used for longest, whichever tab wrote them', async () => {
      await start()
      // A vector takes 36 bytes: 10, 100 and 120 of them are more than the limit.
      const [first, second] = [storeOf(8000), storeOf(8000)]
      const texts = { read: textsFrom(0, 10), old: textsFrom(0, 100), new: textsFrom(0, 120) }
      const factsOf = (prompt: string): StoredPartition => ({ ...FACTS, prompt })
      await write(first, texts.read, 4, factsOf('read'))
      await tick()
      await write(first, texts.old, 4, factsOf('old'))
      await tick()
      await find(second, ['text 3'], 4, factsOf('read'))
      await second.flush()
      await tick()
      await write(second, texts.new, 4, factsOf('new'))
      expect((await embeddingContents(storage)).sizeBytes).toBeLessThanOrEqual(8000)
      for (const store of [first, second, storeOf()]) {
        const found = async (prompt: keyof typeof texts): Promise<number> =>
          (await find(store, texts[prompt], 4, factsOf(prompt))).filter((stored) => stored !== undefined).length
        expect(await found('new')).toBe(120)
        expect(await found('read')).toBe(10)
        expect(await found('old')).toBeLessThan(100)
        expect(await found('old')).toBeGreaterThan(50)
      }
      const uses = await storage.keys('uses', ['block'])
      expect(uses).toHaveLength(await blocks())
    })

    it('never holds more than its limit', async () => {
      await start()
      const store = storeOf(20_000)
      for (let round = 0; round < 20; round++) {
        await write(store, textsFrom(round * 100, 100))
        expect((await embeddingContents(storage)).sizeBytes).toBeLessThanOrEqual(20_000)
      }
      expect((await embeddingContents(storage)).sizeBytes).toBeGreaterThan(15_000)
      expect(await countFound(store, textsFrom(1900, 100))).toBe(100)
    })

    it('tells of writes that fail, and goes on', async () => {
      await start()
      const failures: unknown[] = []
      const store = new EmbeddingStore(storage, { maxBytes: MAX_BYTES, onFailure: (error) => failures.push(error) })
      storage.close()
      put(store, ['a'], 4)
      expect(await find(store, ['a'])).toHaveLength(1)
      await store.flush()
      expect(failures.length).toBeGreaterThan(0)
      expect(failures.every((error) => isEmbedderError(error, 'store-unavailable'))).toBe(true)
      const error: unknown = await find(store, ['a']).catch((caught: unknown) => caught)
      expect(isEmbedderError(error, 'store-unavailable')).toBe(true)
    })
  })
}

/** Times of use are whole milliseconds. */
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

/** The only block of a storage. */
async function onlyBlock(storage: RecordStorage): Promise<{ key: (string | number)[]; index: StoredBlockIndex }> {
  const [block] = await storage.list('blocks', [])
  if (block === undefined) throw new Error('There is no block')
  return { key: block.key, index: block.value }
}

async function vectorDamage(storage: RecordStorage): Promise<void> {
  const { key } = await onlyBlock(storage)
  const vectors = (await storage.get('vectors', key)) ?? new Float32Array()
  vectors[3] = (vectors[3] ?? 0) + 1e-3
  await storage.commit([{ put: 'vectors', key, value: vectors }])
}

/** The texts of a block change places, so each would get the other's vector. */
async function digestDamage(storage: RecordStorage): Promise<void> {
  const { key, index } = await onlyBlock(storage)
  const digests = new Uint8Array([...index.digests.slice(16), ...index.digests.slice(0, 16)])
  await storage.commit([{ put: 'blocks', key, value: { ...index, digests } }])
}

async function lengthDamage(storage: RecordStorage): Promise<void> {
  const { key, index } = await onlyBlock(storage)
  await storage.commit([{ put: 'blocks', key, value: { ...index, digests: index.digests.slice(0, 16) } }])
}

/** A block of another model comes under this one's key. */
async function moveDamage(storage: RecordStorage): Promise<void> {
  const { key, index } = await onlyBlock(storage)
  const vectors = (await storage.get('vectors', key)) ?? new Float32Array()
  const { partition } = blockNameOf(key)
  const other = new EmbeddingStore(storage, { maxBytes: MAX_BYTES })
  other.partition({ ...FACTS, spaceId: 'other' }).put(digestText('a'), { vector: vectors.slice(0, 4), tokenCount: 1 })
  other.partition({ ...FACTS, spaceId: 'other' }).put(digestText('b'), { vector: vectors.slice(4), tokenCount: 1 })
  await other.flush()
  const foreign = (await storage.list('blocks', [])).find((block) => blockNameOf(block.key).partition !== partition)
  if (foreign === undefined) throw new Error('There is no other block')
  await storage.commit([
    { put: 'blocks', key: blockKey(blockNameOf(key)), value: { ...foreign.value, dim: index.dim } },
    { delete: 'blocks', key: foreign.key },
    { delete: 'vectors', key: foreign.key },
  ])
}
