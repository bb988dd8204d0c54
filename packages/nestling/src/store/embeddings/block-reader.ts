import { blockKey, deleteBlock } from './block-name.js'
import { isBlockWhole } from './embedding-block.js'
import type { IndexedBlock } from './partition-index.js'
import type { RecordStorage } from '../records/record-storage.js'

/** Blocks of 256 vectors of 384 that are kept at hand, as texts of one call are spread over several: 8 MiB. */
const KEPT_BYTES = 8 * 2 ** 20

/** Blocks that are read at once: memory stays bounded when texts of a call are in a thousand of them. */
const BLOCKS_AT_ONCE = 16

/** Told of a block that was read; without vectors it is gone or was damaged. */
export type BlockListener = (block: IndexedBlock, vectors: Float32Array<ArrayBuffer> | undefined) => void

/** Reads vectors, and never gives those of a damaged block. */
export class BlockReader {
  readonly #storage: RecordStorage
  /** Blocks that were read last, the oldest first. */
  readonly #kept = new Map<string, Float32Array<ArrayBuffer>>()
  #keptBytes = 0

  /** Starts without a block. */
  constructor(storage: RecordStorage) {
    this.#storage = storage
  }

  /**
   * Reads blocks, a few at a time. A damaged one is deleted.
   *
   * @param blocks - Blocks of one partition.
   * @param onBlock - Told of each.
   * @throws {EmbedderError} `store-unavailable`
   */
  async read(blocks: readonly IndexedBlock[], onBlock: BlockListener): Promise<void> {
    const missing: IndexedBlock[] = []
    for (const block of blocks) {
      const kept = this.#kept.get(block.name.id)
      if (kept === undefined) missing.push(block)
      else onBlock(block, kept)
    }
    let next = this.#fetch(missing, 0)
    for (let start = 0; start < missing.length; start += BLOCKS_AT_ONCE) {
      const found = await next
      // The disk reads on while these are checked.
      next = this.#fetch(missing, start + BLOCKS_AT_ONCE)
      next.catch(() => undefined)
      await this.#check(missing.slice(start, start + BLOCKS_AT_ONCE), found, onBlock)
    }
  }

  async #fetch(
    blocks: readonly IndexedBlock[],
    start: number,
  ): Promise<readonly (Float32Array<ArrayBuffer> | undefined)[]> {
    const keys = blocks.slice(start, start + BLOCKS_AT_ONCE).map(({ name }) => blockKey(name))
    return keys.length === 0 ? [] : this.#storage.getMany('vectors', keys)
  }

  /** Forgets a block. */
  forget(id: string): void {
    this.#keptBytes -= this.#kept.get(id)?.byteLength ?? 0
    this.#kept.delete(id)
  }

  async #check(
    blocks: readonly IndexedBlock[],
    found: readonly (Float32Array<ArrayBuffer> | undefined)[],
    onBlock: BlockListener,
  ): Promise<void> {
    const read = await Promise.all(
      blocks.map(async (block, place) => {
        const vectors = found[place]
        const isWhole = vectors !== undefined && (await isBlockWhole(block.name, block.index, vectors))
        return { block, vectors: isWhole ? vectors : undefined }
      }),
    )
    const broken = read.filter(({ vectors }) => vectors === undefined).map(({ block }) => block.name)
    if (broken.length > 0) await this.#storage.commit(broken.flatMap(deleteBlock))
    for (const { block, vectors } of read) {
      if (vectors !== undefined) this.#keep(block.name.id, vectors)
      onBlock(block, vectors)
    }
  }

  #keep(id: string, vectors: Float32Array<ArrayBuffer>): void {
    this.forget(id)
    this.#kept.set(id, vectors)
    this.#keptBytes += vectors.byteLength
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= KEPT_BYTES) return
      this.forget(oldest)
    }
  }
}
