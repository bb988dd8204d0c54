import type { StoreKey } from '../records/database-schema.js'
import type { Change } from '../records/record-storage.js'

/** Names a block, with what it takes to count and to evict blocks: no record is read for that. */
export interface BlockName {
  readonly partition: string
  /** Tells blocks of a partition apart; later ones come later. */
  readonly id: string
  /** Vectors in it. */
  readonly count: number
  /** Bytes of index and vectors together. */
  readonly sizeBytes: number
}

/**
 * Gives the key of a block in `blocks` and `vectors`.
 *
 * @returns `[partition, id, count, sizeBytes]`.
 */
export function blockKey({ partition, id, count, sizeBytes }: BlockName): StoreKey {
  return [partition, id, count, sizeBytes]
}

/**
 * Reads a key of `blocks` or `vectors`.
 *
 * @param key - What {@link blockKey} gave.
 */
export function blockNameOf([partition, id, count, sizeBytes]: StoreKey): BlockName {
  return { partition: String(partition), id: String(id), count: Number(count), sizeBytes: Number(sizeBytes) }
}

/**
 * Gives the key in `uses` of a block.
 *
 * @returns `['block', partition, id]`.
 */
export function useKey({ partition, id }: Pick<BlockName, 'partition' | 'id'>): StoreKey {
  return ['block', partition, id]
}

/**
 * Says how a block is deleted.
 *
 * @returns Changes for one commit.
 */
export function deleteBlock(name: BlockName): Change[] {
  const key = blockKey(name)
  return [
    { delete: 'blocks', key },
    { delete: 'vectors', key },
    { delete: 'uses', key: useKey(name) },
  ]
}

/**
 * Makes an id that no other tab makes too.
 *
 * @param nowMs - Milliseconds since 1970.
 */
export function newBlockId(nowMs: number): string {
  return `${nowMs.toString(36).padStart(9, '0')}-${crypto.randomUUID().slice(0, 13)}`
}
