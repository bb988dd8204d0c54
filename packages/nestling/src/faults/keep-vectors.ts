import { EmbeddingStore } from '../store/embedding-store.js'
import { openStorage } from '../store/open-storage.js'
import { digestText } from '../store/text-digest.js'

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
  const facts = {
    spaceId: `${dim}`,
    model: 'none',
    prompt: '',
    maxSeqLength: 64,
    numerics: 'none',
    onTruncate: 'truncate',
  } as const
  const partition = store.partition(facts)
  for (let row = 0; row < count; row++) {
    const vector = Float32Array.from({ length: dim }, (_, index) => noise(row * dim + index))
    partition.put(digestText(`text ${row}`), { vector, tokenCount: row })
    if ((row + 1) % PORTION === 0) await store.flush()
  }
  await store.flush()
  storage.close()
}

/** From -0.5 to 0.5, the same in every run. */
function noise(seed: number): number {
  return ((Math.sin(seed + 1) * 43_758.5453) % 1) / 2
}
