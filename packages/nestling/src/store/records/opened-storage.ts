import type { RecordStorage } from './record-storage.js'

/** A storage, and why it is no database. */
export interface OpenedStorage {
  readonly storage: RecordStorage
  /** Why records are only in memory; `undefined` in IndexedDB and in files. */
  readonly reason: string | undefined
}
