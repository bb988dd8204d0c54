import { blockKey, blockNameOf, deleteBlock, type BlockName } from './block-name.js'
import { isBlockWhole } from './embedding-block.js'
import { listBlocks, totalBytes } from './evict-blocks.js'
import type { Change, RecordStorage } from '../records/record-storage.js'

/** What is stored of one model. */
export interface StoredSpace {
  /** `space.id` of the vectors. */
  readonly id: string
  /** Name of the model. */
  readonly model: string
  /** Vectors of all its prompts and settings. */
  readonly storedVectors: number
  readonly sizeBytes: number
}

/** What is stored of all models. */
export interface EmbeddingContents {
  readonly storedVectors: number
  readonly sizeBytes: number
  readonly spaces: readonly StoredSpace[]
}

/** What a check of all vectors found. */
export interface EmbeddingCheck {
  /** Vectors that are as they were written. */
  readonly wholeVectors: number
  /** Vectors that were not, and were deleted; they are encoded again when they are asked for. */
  readonly deletedVectors: number
}

/** Blocks that are checked at once. */
const CHECKED_AT_ONCE = 16

/**
 * Counts what is stored.
 *
 * @returns Vectors and bytes, in all and by model.
 * @throws {EmbedderError} `store-unavailable`
 */
export async function embeddingContents(storage: RecordStorage): Promise<EmbeddingContents> {
  const [blocks, partitions] = await Promise.all([listBlocks(storage), storage.list('partitions', [])])
  const spaces = new Map<string, StoredSpace>()
  for (const { key, value } of partitions) {
    const own = blocks.filter(({ partition }) => partition === key[0])
    if (own.length === 0) continue
    const before = spaces.get(value.spaceId)
    spaces.set(value.spaceId, {
      id: value.spaceId,
      model: value.model,
      storedVectors: (before?.storedVectors ?? 0) + countVectors(own),
      sizeBytes: (before?.sizeBytes ?? 0) + totalBytes(own),
    })
  }
  return { storedVectors: countVectors(blocks), sizeBytes: totalBytes(blocks), spaces: [...spaces.values()] }
}

/**
 * Checks every stored vector, and deletes those that are not as they were written.
 *
 * @returns How many there were of each.
 * @throws {EmbedderError} `store-unavailable`
 */
export async function verifyEmbeddings(storage: RecordStorage): Promise<EmbeddingCheck> {
  const keys = [...(await storage.keys('blocks', [])), ...(await storage.keys('vectors', []))]
  const blocks = [...new Map(keys.map((key) => [key.join(), blockNameOf(key)])).values()]
  const damaged: BlockName[] = []
  for (let start = 0; start < blocks.length; start += CHECKED_AT_ONCE) {
    const suspects = await damagedOf(storage, blocks.slice(start, start + CHECKED_AT_ONCE))
    // Looked at again: another tab may have deleted one between the reads of its index and of its vectors.
    if (suspects.length > 0) damaged.push(...(await damagedOf(storage, suspects)))
  }
  await storage.commit(damaged.flatMap(deleteBlock))
  const deletedVectors = countVectors(damaged)
  return { wholeVectors: countVectors(blocks) - deletedVectors, deletedVectors }
}

/**
 * Deletes stored vectors.
 *
 * @param spaceId - Those of one model; all where it is `undefined`.
 * @returns When they are gone.
 * @throws {EmbedderError} `store-unavailable`
 */
export async function clearEmbeddings(storage: RecordStorage, spaceId?: string): Promise<void> {
  const partitions = await storage.list('partitions', [])
  const chosen = partitions.filter(({ value }) => value.spaceId === spaceId).map(({ key }) => String(key[0]))
  await storage.commit(spaceId === undefined ? deletePartitions([]) : chosen.flatMap((id) => deletePartitions([id])))
}

async function damagedOf(storage: RecordStorage, blocks: readonly BlockName[]): Promise<BlockName[]> {
  const keys = blocks.map(blockKey)
  const [indices, vectors] = await Promise.all([storage.getMany('blocks', keys), storage.getMany('vectors', keys)])
  const isDamaged = await Promise.all(
    blocks.map(async (name, place) => {
      const [index, rows] = [indices[place], vectors[place]]
      // Deleted since it was listed: another tab may be at work.
      if (index === undefined && rows === undefined) return false
      return index === undefined || rows === undefined || !(await isBlockWhole(name, index, rows))
    }),
  )
  return blocks.filter((_, place) => isDamaged[place])
}

/** `prefix` is a partition, or nothing for all of them. */
function deletePartitions(prefix: readonly string[]): Change[] {
  return [
    { deleteAll: 'partitions', prefix: [...prefix] },
    { deleteAll: 'blocks', prefix: [...prefix] },
    { deleteAll: 'vectors', prefix: [...prefix] },
    { deleteAll: 'uses', prefix: ['block', ...prefix] },
  ]
}

function countVectors(blocks: readonly BlockName[]): number {
  return blocks.reduce((sum, { count }) => sum + count, 0)
}
