import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { StoredBlockIndex, StoredPartition } from './stored-block.js'
import type { StoredDownload, StoredModel } from './stored-model.js'
import type { StoredReference, StoredVerdict } from './stored-verdict.js'

/** Key of a record: texts and numbers, of which the first ones name what it belongs to. */
export type StoreKey = (string | number)[]

/** Object stores of the database. */
export interface NestlingSchema extends DBSchema {
  verdicts: { key: string; value: StoredVerdict }
  references: { key: string; value: StoredReference }
  /** Manifests of whole models: `[model]`. */
  models: { key: StoreKey; value: StoredModel }
  /** Files on their way: `[model, generation, path]`. */
  downloads: { key: StoreKey; value: StoredDownload }
  /** Bytes of files: `[model, generation, path, index]`. */
  chunks: { key: StoreKey; value: Uint8Array<ArrayBuffer> }
  /** What vectors have in common: `[partition]`. */
  partitions: { key: StoreKey; value: StoredPartition }
  /** Which texts are in which block: `[partition, block, count, sizeBytes]`. */
  blocks: { key: StoreKey; value: StoredBlockIndex }
  /** Vectors of a block, row-major: the key is that of the block. */
  vectors: { key: StoreKey; value: Float32Array<ArrayBuffer> }
  /** When something was last used, in milliseconds since 1970: `['model', model]` and `['block', partition, block]`. */
  uses: { key: StoreKey; value: number }
}

/** The database, open. */
export type NestlingDatabase = IDBPDatabase<NestlingSchema>

const NAME = 'nestling'

/** Raised with every change of the object stores; `upgrade` then brings older databases there step by step. */
const VERSION = 2

/**
 * Opens the one database of this library, the only place that does.
 *
 * It gives way to another tab that opens a later version: what is stored is a cache, and calls after that reject.
 *
 * @returns The database.
 * @throws {Error} If the browser has none here (private windows, blocked storage) or it is broken.
 */
export async function openDatabase(): Promise<NestlingDatabase> {
  return openDB<NestlingSchema>(NAME, VERSION, {
    upgrade(database, oldVersion) {
      if (oldVersion < 1) {
        database.createObjectStore('verdicts')
        database.createObjectStore('references')
      }
      if (oldVersion < 2) {
        for (const name of ['models', 'downloads', 'chunks', 'partitions', 'blocks', 'vectors', 'uses'] as const) {
          database.createObjectStore(name)
        }
      }
    },
    blocking(_current, _blocked, event) {
      ;(event.target as IDBDatabase).close()
    },
  })
}
