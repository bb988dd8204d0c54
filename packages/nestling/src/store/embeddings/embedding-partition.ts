import { useKey, type BlockName } from './block-name.js'
import { BlockReader } from './block-reader.js'
import { PartitionIndex, type IndexedBlock } from './partition-index.js'
import { partitionIdOf } from './partition-id.js'
import { PartitionWriter } from './partition-writer.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredPartition } from './stored-block.js'
import type { StoredVector, WantedVector } from './stored-vector.js'

/** How often a block that is read over and over is said to be used. */
const TELL_INTERVAL_MS = 60_000

/** Vectors that may be answered for one another: of one model, prompt, maximum length and kind of numbers. */
export class EmbeddingPartition {
  readonly #storage: RecordStorage
  readonly #id: string
  readonly #index: PartitionIndex
  readonly #reader: BlockReader
  readonly #writer: PartitionWriter
  /** Rows that wait to be written, and those that are being written. */
  #pending = new Map<string, StoredVector>()
  #writing = new Map<string, StoredVector>()
  /** When blocks were used, as long as the storage does not know; and when it was told last. */
  readonly #used = new Map<string, number>()
  readonly #toldMs = new Map<string, number>()

  /**
   * Starts without reading anything.
   *
   * @param storage - Where the vectors are.
   * @param facts - What they have in common.
   * @param maxBlockBytes - Bytes of a block, at most.
   */
  constructor(storage: RecordStorage, facts: StoredPartition, maxBlockBytes: number) {
    this.#storage = storage
    this.#id = partitionIdOf(facts)
    this.#index = new PartitionIndex(this.#id)
    this.#reader = new BlockReader(storage)
    const parts = { storage, partition: this.#id, facts, index: this.#index, reader: this.#reader, maxBlockBytes }
    this.#writer = new PartitionWriter(parts)
  }

  /**
   * Looks texts up, in the storage as it is now.
   *
   * @returns A vector a text, as it is stored and at least as long as wanted; `undefined` where there is none.
   * @throws {EmbedderError} `store-unavailable`
   */
  async find(wanted: readonly WantedVector[]): Promise<readonly (StoredVector | undefined)[]> {
    const found = wanted.map(({ digest, dim }) => this.#findUnwritten(digest, dim))
    if (found.every((stored) => stored !== undefined)) return found
    await this.#index.refresh(this.#storage)
    const placesOf = new Map<IndexedBlock, (readonly [place: number, row: number])[]>()
    wanted.forEach(({ digest, dim }, place) => {
      const at = found[place] === undefined ? this.#index.find(digest) : undefined
      if (at === undefined || at.block.index.dim < dim) return
      const places = placesOf.get(at.block)
      if (places === undefined) placesOf.set(at.block, [[place, at.row]])
      else places.push([place, at.row])
    })
    await this.#reader.read([...placesOf.keys()], (block, vectors) => {
      if (vectors === undefined) {
        this.#index.remove(block.name.id)
        return
      }
      this.#noteUse(block.name)
      const { dim, tokenCounts } = block.index
      const places = placesOf.get(block) ?? []
      // Few rows are copied, as views would keep the whole block in memory for them.
      const isCopied = places.length < tokenCounts.length / 2
      for (const [place, row] of places) {
        const view = vectors.subarray(row * dim, (row + 1) * dim)
        const vector = isCopied ? view.slice() : view
        found[place] = { vector, tokenCount: tokenCounts[row] as number }
      }
    })
    return found
  }

  /**
   * Takes a vector to be written later; until then it is found too.
   *
   * @param digest - Digest of the text.
   * @param stored - The vector; it must not change any more.
   */
  put(digest: string, stored: StoredVector): void {
    const before = this.#pending.get(digest)
    if (before === undefined || before.vector.length <= stored.vector.length) this.#pending.set(digest, stored)
  }

  /**
   * Writes what waits, and says which blocks were used. To be called again only when it has settled.
   *
   * @throws {EmbedderError} `quota-exceeded`, `store-unavailable`; what was to be written is forgotten then.
   */
  async write(): Promise<void> {
    this.#writing = this.#pending
    this.#pending = new Map()
    try {
      await this.#writer.write(this.#writing)
      await this.#tellUses()
    } finally {
      this.#writing = new Map()
    }
  }

  /**
   * Forgets blocks that were deleted.
   *
   * @param blocks - Blocks of whatever partition.
   */
  forget(blocks: readonly BlockName[]): void {
    for (const { partition, id } of blocks) {
      if (partition !== this.#id) continue
      this.#index.remove(id)
      this.#reader.forget(id)
    }
  }

  #findUnwritten(digest: string, dim: number): StoredVector | undefined {
    const stored = this.#pending.get(digest) ?? this.#writing.get(digest)
    return stored !== undefined && stored.vector.length >= dim ? stored : undefined
  }

  #noteUse({ id }: BlockName): void {
    const nowMs = Date.now()
    if (nowMs - (this.#toldMs.get(id) ?? -Infinity) < TELL_INTERVAL_MS) return
    this.#toldMs.set(id, nowMs)
    this.#used.set(id, nowMs)
  }

  /** Only of blocks that are still there; another tab may have deleted some in the meantime, whose uses `evictBlocks` removes. */
  async #tellUses(): Promise<void> {
    const known = new Set(this.#index.blocks.map(({ name }) => name.id))
    const used = [...this.#used].filter(([id]) => known.has(id))
    this.#used.clear()
    const key = (id: string): (string | number)[] => useKey({ partition: this.#id, id })
    await this.#storage.commit(used.map(([id, usedAt]) => ({ put: 'uses', key: key(id), value: usedAt })))
  }
}
