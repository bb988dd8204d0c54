import { blockKey, deleteBlock, newBlockId, useKey, type BlockName } from './block-name.js'
import type { BlockReader } from './block-reader.js'
import { packBlock, rowBytes, type EmbeddingRow } from './embedding-block.js'
import type { IndexedBlock, PartitionIndex } from './partition-index.js'
import { PartitionLock } from './partition-lock.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredPartition } from './stored-block.js'
import { unpackDigests } from './text-digest.js'

/** Vectors of a block: one read serves many texts of a call, and one text costs no more than about 1 ms. */
export const BLOCK_ROWS = 256

/** A block that is at most so many times larger than what is written is written anew with it: few small blocks remain. */
const MERGE_FACTOR = 2

/** What a writer writes with. */
export interface PartitionWriterParts {
  readonly storage: RecordStorage
  readonly partition: string
  readonly facts: StoredPartition
  readonly index: PartitionIndex
  readonly reader: BlockReader
  /** Bytes of a block, at most. */
  readonly maxBlockBytes: number
}

/** Writes blocks of one partition, one after another. */
export class PartitionWriter {
  readonly #parts: PartitionWriterParts
  /** `undefined` in memory, where nobody else can be. */
  readonly #lock: PartitionLock | undefined

  /**
   * Prepares; nothing is written yet.
   *
   * @param parts - Storage, index and reader of the partition.
   */
  constructor(parts: PartitionWriterParts) {
    this.#parts = parts
    if (parts.storage.kind !== 'memory') this.#lock = new PartitionLock(parts.partition)
  }

  /**
   * Writes vectors, in one commit for each block. To be called again only when it has settled.
   *
   * @param rows - Digest of each text and its vector.
   * @throws {EmbedderError} `quota-exceeded`, `store-unavailable`
   */
  async write(rows: Iterable<EmbeddingRow>): Promise<void> {
    for (const [dim, group] of groupByDim(rows)) {
      const maxCount = Math.max(1, Math.min(BLOCK_ROWS, Math.floor(this.#parts.maxBlockBytes / rowBytes(dim))))
      for (let start = 0; start < group.length; start += maxCount) {
        const part = group.slice(start, start + maxCount)
        const work = (isAlone: boolean): Promise<void> => this.#writeBlock(part, dim, isAlone ? maxCount : 0)
        await (this.#lock === undefined ? work(true) : this.#lock.run(work))
      }
    }
  }

  /**
   * Writes rows, but those that another worker has written meanwhile, together with those of small blocks. These, and blocks in which
   * nothing is found any more, go in the same commit. With a `maxCount` of 0 nothing that is there is touched.
   */
  async #writeBlock(wanted: readonly EmbeddingRow[], dim: number, maxCount: number): Promise<void> {
    const { storage, partition, facts, index, reader } = this.#parts
    await index.refresh(storage)
    const rows = wanted.filter(([digest]) => (index.find(digest)?.block.index.dim ?? 0) < dim)
    if (rows.length === 0) return
    const merged = this.#smallBlocks(rows.length, dim, maxCount)
    const all = [...new Map([...(await this.#liveRows(merged)), ...rows])]
    // Not while another one writes: it may just be taking what is found nowhere else.
    const isDone = (block: IndexedBlock): boolean => maxCount > 0 && block.liveCount === 0
    const over = index.blocks.filter((block) => isDone(block) || merged.includes(block))
    const block = await packBlock(partition, all, dim)
    const nowMs = Date.now()
    const name: BlockName = { partition, id: newBlockId(nowMs), count: all.length, sizeBytes: block.sizeBytes }
    await storage.commit([
      { put: 'partitions', key: [partition], value: facts },
      { put: 'blocks', key: blockKey(name), value: block.index },
      { put: 'vectors', key: blockKey(name), value: block.vectors },
      { put: 'uses', key: useKey(name), value: nowMs },
      ...over.flatMap((old) => deleteBlock(old.name)),
    ])
    index.add(name, block.index)
    for (const old of over) {
      index.remove(old.name.id)
      reader.forget(old.name.id)
    }
  }

  /** Blocks that are small beside what is written with them. */
  #smallBlocks(count: number, dim: number, maxCount: number): IndexedBlock[] {
    let total = count
    return this.#parts.index.blocks
      .filter((block) => block.index.dim === dim && block.liveCount > 0)
      .sort((a, b) => a.name.count - b.name.count)
      .filter(({ name }) => {
        if (name.count > MERGE_FACTOR * total || total + name.count > maxCount) return false
        total += name.count
        return true
      })
  }

  async #liveRows(blocks: readonly IndexedBlock[]): Promise<EmbeddingRow[]> {
    const { index, reader } = this.#parts
    const rows: EmbeddingRow[] = []
    await reader.read(blocks, (block, vectors) => {
      if (vectors === undefined) return
      const { dim, digests, tokenCounts } = block.index
      unpackDigests(digests).forEach((digest, row) => {
        if (index.find(digest)?.block !== block) return
        const vector = vectors.subarray(row * dim, (row + 1) * dim)
        rows.push([digest, { vector, tokenCount: tokenCounts[row] as number }])
      })
    })
    return rows
  }
}

function groupByDim(rows: Iterable<EmbeddingRow>): Map<number, EmbeddingRow[]> {
  const groups = new Map<number, EmbeddingRow[]>()
  for (const row of rows) {
    const dim = row[1].vector.length
    const group = groups.get(dim)
    if (group === undefined) groups.set(dim, [row])
    else group.push(row)
  }
  return groups
}
