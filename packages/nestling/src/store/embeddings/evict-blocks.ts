import { blockNameOf, deleteBlock, useKey, type BlockName } from './block-name.js'
import type { Change, RecordStorage } from '../records/record-storage.js'

/** What is left of the limit, so that not every write has to evict. */
const EVICT_TO = 0.9

/**
 * Lists all blocks, other tabs' too; only keys are read.
 *
 * @returns Their names.
 * @throws {EmbedderError} `store-unavailable`
 */
export async function listBlocks(storage: RecordStorage): Promise<BlockName[]> {
  return (await storage.keys('blocks', [])).map(blockNameOf)
}

/** Adds the sizes of blocks up. */
export function totalBytes(blocks: readonly BlockName[]): number {
  return blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

/**
 * Deletes the blocks that were not used for longest, of whatever model, where all together take more than they may.
 *
 * @returns The blocks that were deleted.
 * @throws {EmbedderError} `store-unavailable`
 */
export async function evictBlocks(storage: RecordStorage, maxBytes: number): Promise<readonly BlockName[]> {
  const blocks = await listBlocks(storage)
  let total = totalBytes(blocks)
  if (total <= maxBytes) return []
  const uses = new Map((await storage.list('uses', ['block'])).map(({ key, value }) => [key.join(), value]))
  const ordered = blocks
    .map((block) => ({ block, usedAt: uses.get(useKey(block).join()) ?? 0 }))
    .sort((a, b) => a.usedAt - b.usedAt || (a.block.id < b.block.id ? -1 : 1))
  const evicted: BlockName[] = []
  for (const { block } of ordered) {
    if (total <= maxBytes * EVICT_TO) break
    evicted.push(block)
    total -= block.sizeBytes
  }
  await storage.commit([...evicted.flatMap(deleteBlock), ...deleteStrayUses(blocks, uses.keys())])
  return evicted
}

/** What a tab says of a block that another one has just deleted stays behind. */
function deleteStrayUses(blocks: readonly BlockName[], uses: Iterable<string>): Change[] {
  const known = new Set(blocks.map((block) => useKey(block).join()))
  return [...uses].filter((key) => !known.has(key)).map((key) => ({ delete: 'uses', key: key.split(',') }))
}
