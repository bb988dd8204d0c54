import { blockKey, blockNameOf, type BlockName } from './block-name.js'
import { isIndexWhole } from './embedding-block.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredBlockIndex } from './stored-block.js'
import { unpackDigests } from './text-digest.js'

/** A block and what is known of its texts. */
export interface IndexedBlock {
  readonly name: BlockName
  readonly index: StoredBlockIndex
  /** Texts that are found here, and not in a block with longer vectors. */
  liveCount: number
}

/** Where a vector is. */
export interface RowPlace {
  readonly block: IndexedBlock
  readonly row: number
}

/** Rows of a block, at most: a place is a single number. */
const PLACE_FACTOR = 65_536

/** Knows which texts of a partition are stored, and where. */
export class PartitionIndex {
  readonly #partition: string
  /** Place of each text: slot of the block, times {@link PLACE_FACTOR}, plus the row. */
  readonly #places = new Map<string, number>()
  readonly #slots = new Map<string, number>()
  readonly #blocks: (IndexedBlock | undefined)[] = []

  /**
   * Starts without a block.
   *
   * @param partition - Id of the partition.
   */
  constructor(partition: string) {
    this.#partition = partition
  }

  /** The blocks of the partition, as of the last refresh. */
  get blocks(): readonly IndexedBlock[] {
    return this.#blocks.filter((block) => block !== undefined)
  }

  /**
   * Brings it up to date with the storage, where other tabs write and delete blocks too: keys are compared, and only new blocks read.
   *
   * @throws {EmbedderError} `store-unavailable`
   */
  async refresh(storage: RecordStorage): Promise<void> {
    const names = (await storage.keys('blocks', [this.#partition])).map(blockNameOf)
    const current = new Set(names.map(({ id }) => id))
    for (const id of [...this.#slots.keys()]) {
      if (!current.has(id)) this.remove(id)
    }
    const added = names.filter(({ id }) => !this.#slots.has(id))
    if (added.length === 0) return
    const indices = await storage.getMany('blocks', added.map(blockKey))
    added.forEach((name, place) => {
      const index = indices[place]
      if (index !== undefined && isIndexWhole(index, name.count)) this.add(name, index)
    })
  }

  /**
   * Adds a block. Of two vectors of one text the longer counts, and of equal ones the later.
   *
   * @param index - Its texts.
   */
  add(name: BlockName, index: StoredBlockIndex): void {
    if (this.#slots.has(name.id)) return
    const block: IndexedBlock = { name, index, liveCount: 0 }
    const slot = this.#blocks.push(block) - 1
    this.#slots.set(name.id, slot)
    unpackDigests(index.digests).forEach((digest, row) => {
      const before = this.find(digest)?.block
      if (before !== undefined && before.index.dim > index.dim) return
      if (before !== undefined) before.liveCount--
      block.liveCount++
      this.#places.set(digest, slot * PLACE_FACTOR + row)
    })
  }

  /**
   * Removes a block and its texts.
   *
   * @param id - The block; one that is not there is none.
   */
  remove(id: string): void {
    const slot = this.#slots.get(id)
    if (slot === undefined) return
    for (const digest of unpackDigests(this.#blocks[slot]?.index.digests ?? new Uint8Array())) {
      if (Math.floor((this.#places.get(digest) ?? -1) / PLACE_FACTOR) === slot) this.#places.delete(digest)
    }
    this.#slots.delete(id)
    this.#blocks[slot] = undefined
  }

  /**
   * Finds a text.
   *
   * @returns Where its vector is; `undefined` where it is not stored.
   */
  find(digest: string): RowPlace | undefined {
    const place = this.#places.get(digest)
    if (place === undefined) return undefined
    const block = this.#blocks[Math.floor(place / PLACE_FACTOR)]
    return block === undefined ? undefined : { block, row: place % PLACE_FACTOR }
  }
}
