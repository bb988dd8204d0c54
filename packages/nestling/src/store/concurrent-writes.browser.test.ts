import { deleteDB } from 'idb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { embeddingContents } from './embeddings/embedding-contents.js'
import { EmbeddingStore } from './embeddings/embedding-store.js'
import { IdbStorage } from './records/idb-storage.js'
import { openDatabase } from './records/open-database.js'
import { digestText } from './embeddings/text-digest.js'

const FACTS = {
  spaceId: 'space',
  model: 'model',
  prompt: '',
  maxSeqLength: 64,
  numerics: 'kernels q8',
  onTruncate: 'truncate',
} as const
const DIM = 4
const ROUNDS = 12
const TEXTS_A_ROUND = 20

const storages: IdbStorage[] = []

/** A store with a connection of its own, as each worker and each tab has one. */
async function openStore(): Promise<{ readonly storage: IdbStorage; readonly store: EmbeddingStore }> {
  const storage = new IdbStorage(await openDatabase())
  storages.push(storage)
  return { storage, store: new EmbeddingStore(storage, { maxBytes: 2 ** 20 }) }
}

// Files share an origin.
beforeEach(() => deleteDB('nestling'))
afterEach(async () => {
  for (const storage of storages.splice(0)) storage.close()
  await deleteDB('nestling')
})

it.each([
  ['different texts', 1],
  ['the same texts', 0],
])('keeps each vector once where three workers write %s at a time', async (_, isDistinct) => {
  const workers = [await openStore(), await openStore(), await openStore()]
  for (let round = 0; round < ROUNDS; round++) {
    workers.forEach(({ store }, worker) => {
      const partition = store.partition(FACTS)
      for (let index = 0; index < TEXTS_A_ROUND; index++) {
        const vector = new Float32Array(DIM).fill(index + 1)
        partition.put(digestText(`${worker * isDistinct} ${round} ${index}`), { vector, tokenCount: index })
      }
    })
    await Promise.all(workers.map(({ store }) => store.flush()))
  }
  const distinct = ROUNDS * TEXTS_A_ROUND * (isDistinct === 1 ? workers.length : 1)
  expect((await embeddingContents((await openStore()).storage)).storedVectors).toBe(distinct)
  const wanted = Array.from({ length: TEXTS_A_ROUND }, (__, index) => ({
    digest: digestText(`0 3 ${index}`),
    dim: DIM,
  }))
  const found = await (await openStore()).store.partition(FACTS).find(wanted)
  expect(found.map((stored) => stored?.vector[0])).toEqual(wanted.map((__, index) => index + 1))
})
