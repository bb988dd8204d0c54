import type { StoredBlockIndex, StoredPartition } from '../embeddings/stored-block.js'
import type { StoredDownload, StoredModel } from '../models/stored-model.js'
import type { StoredReference, StoredVerdict } from './stored-verdict.js'

/** Key of a record: texts and numbers, of which the first ones name what it belongs to. No type of the kit, as public types lead here. */
export type StoreKey = (string | number)[]

/** Object stores of the database. No type of idb is in it: public types lead here, and users have not installed idb. */
export interface NestlingSchema {
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
