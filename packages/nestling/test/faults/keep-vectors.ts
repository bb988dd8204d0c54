import { EmbeddingStore } from '../../src/store/embeddings/embedding-store.js'
import { openStorage } from '../../src/store/records/open-storage.js'
import type { StoredPartition } from '../../src/store/embeddings/stored-block.js'
import { digestText } from '../../src/store/embeddings/text-digest.js'

/** Vectors between two commits: no store takes in more at once than it can write. */
const PORTION = 1024

/**
 * Keeps vectors without a model, in the storage and through the store that embedders use.
 *
 * @param count - How many.
 * @param dim - Components of each; noise, which no compression makes smaller.
 * @returns When all are written.
 */
export async function keepVectors(count: number, dim: number): Promise<void> {
  const { storage } = await openStorage()
  const store = new EmbeddingStore(storage, { maxBytes: 2 ** 30 })
  const partition = store.partition(factsOf(dim))
  for (let row = 0; row < count; row++) {
    const vector = Float32Array.from({ length: dim }, (_, index) => noise(row * dim + index))
    partition.put(digestText(`text ${row}`), { vector, tokenCount: row })
    if ((row + 1) % PORTION === 0) await store.flush()
  }
  await store.flush()
  storage.close()
}

/**
 * Reads vectors that {@link keepVectors} kept.
 *
 * @param count - How many.
 * @param dim - Components of each.
 * @returns Milliseconds from the texts to all of their vectors: digests, look-up, reading and checksums. Nothing is in memory before.
 * @throws {Error} If one is missing or wrong.
 */
export async function readVectors(count: number, dim: number): Promise<number> {
  const { storage } = await openStorage()
  const partition = new EmbeddingStore(storage, { maxBytes: 2 ** 30 }).partition(factsOf(dim))
  const started = performance.now()
  const wanted = Array.from({ length: count }, (_, row) => ({ digest: digestText(`text ${row}`), dim }))
  const found = await partition.find(wanted)
  const ms = performance.now() - started
  storage.close()
  found.forEach((stored, row) => {
    const isRight = stored?.tokenCount === row && stored.vector[dim - 1] === Math.fround(noise(row * dim + dim - 1))
    if (!isRight) throw new Error(`Cannot read vector ${row}`)
  })
  return ms
}

function factsOf(dim: number): StoredPartition {
  return { spaceId: `${dim}`, model: 'none', prompt: '', maxSeqLength: 64, numerics: 'none', onTruncate: 'truncate' }
}

/** From -0.5 to 0.5, the same in every run. */
function noise(seed: number): number {
  return ((Math.sin(seed + 1) * 43_758.5453) % 1) / 2
}
