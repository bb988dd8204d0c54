import { rowBytes } from './embedding-block.js'
import { EmbeddingPartition } from './embedding-partition.js'
import { evictBlocks } from './evict-blocks.js'
import { BLOCK_ROWS } from './partition-writer.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredPartition } from './stored-block.js'
import type { StoredVector, WantedVector } from './stored-vector.js'

/** What is put is written after this time, together with what is put meanwhile: a call with one text makes no commit of its own. */
const WRITE_AFTER_MS = 250

/** Bytes that wait for a slow disk, at most; what comes on top is not stored. */
const MAX_PENDING_BYTES = 16 * 2 ** 20

/** Blocks are no larger than this share of the limit, so that evicting one leaves the others. */
const MAX_BLOCK_SHARE = 1 / 16

/** How a store behaves. */
export interface EmbeddingStoreOptions {
  /** Bytes of all vectors of this origin, other models' too; those that were not used for longest make room. */
  readonly maxBytes: number
  /** Told of each write that failed; the vectors of it are not stored. */
  readonly onFailure?: (error: unknown) => void
}

/** Vectors of a partition, as encoding sees them. */
export type EmbeddingLookup = Pick<EmbeddingPartition, 'find' | 'put'>

/**
 * Keeps vectors between visits, packed in blocks. Writes are batched in the background, reads see what other tabs wrote. A damaged
 * block is never read: its texts are encoded again.
 */
export class EmbeddingStore {
  readonly #storage: RecordStorage
  readonly #options: EmbeddingStoreOptions
  readonly #partitions = new Map<string, EmbeddingPartition>()
  #pendingRows = 0
  #pendingBytes = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** All writes so far, one after another. */
  #writes: Promise<void> = Promise.resolve()

  /**
   * Takes a storage to keep vectors in; whoever opened it closes it, after `flush()`.
   *
   * @param options - Limit and listener.
   */
  constructor(storage: RecordStorage, options: EmbeddingStoreOptions) {
    this.#storage = storage
    this.#options = options
  }

  /**
   * Gives the vectors of one model, prompt, maximum length and kind of numbers.
   *
   * @param facts - What they have in common.
   * @returns Their part of the store; nothing is read yet.
   */
  partition(facts: StoredPartition): EmbeddingLookup {
    const partition = this.#partitionOf(facts)
    return {
      find: (wanted: readonly WantedVector[]) => partition.find(wanted),
      put: (digest: string, stored: StoredVector) => {
        this.#put(partition, digest, stored)
      },
    }
  }

  /**
   * Writes what waits.
   *
   * @returns When it is written, or is not going to be. Never rejects.
   */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writes = this.#writes.then(() => this.#write())
    return this.#writes
  }

  #partitionOf(facts: StoredPartition): EmbeddingPartition {
    const key = JSON.stringify(facts)
    let partition = this.#partitions.get(key)
    if (partition === undefined) {
      partition = new EmbeddingPartition(this.#storage, facts, this.#options.maxBytes * MAX_BLOCK_SHARE)
      this.#partitions.set(key, partition)
    }
    return partition
  }

  #put(partition: EmbeddingPartition, digest: string, stored: StoredVector): void {
    const bytes = rowBytes(stored.vector.length)
    if (this.#pendingBytes + bytes > MAX_PENDING_BYTES) return
    partition.put(digest, stored)
    this.#pendingRows++
    this.#pendingBytes += bytes
    if (this.#pendingRows % BLOCK_ROWS === 0) void this.flush()
    else this.#timer ??= setTimeout(() => void this.flush(), WRITE_AFTER_MS)
  }

  async #write(): Promise<void> {
    const [rows, bytes] = [this.#pendingRows, this.#pendingBytes]
    const partitions = [...this.#partitions.values()]
    for (const partition of partitions) await partition.write().catch(this.#options.onFailure ?? (() => undefined))
    this.#pendingRows -= rows
    this.#pendingBytes -= bytes
    if (rows === 0) return
    try {
      const evicted = await evictBlocks(this.#storage, this.#options.maxBytes)
      for (const partition of partitions) partition.forget(evicted)
    } catch (error) {
      this.#options.onFailure?.(error)
    }
  }
}
