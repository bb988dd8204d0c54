import type { NestlingSchema, StoreKey } from './database-schema.js'

/** Object stores whose records have keys of several parts. */
export type RecordStoreName = 'models' | 'downloads' | 'chunks' | 'partitions' | 'blocks' | 'vectors' | 'uses'

/** What a store holds. */
export type RecordOf<Name extends RecordStoreName> = NestlingSchema[Name]['value']

/** One change of a commit. */
export type Change = { [Name in RecordStoreName]: Put<Name> }[RecordStoreName] | Delete | DeleteAll

/** Writes a record, over the one of that key. */
export interface Put<Name extends RecordStoreName> {
  readonly put: Name
  readonly key: StoreKey
  readonly value: RecordOf<Name>
}

/** Deletes a record, if there is one. */
export interface Delete {
  readonly delete: RecordStoreName
  readonly key: StoreKey
}

/** Deletes all records whose keys start with a prefix; an empty one means all. */
export interface DeleteAll {
  readonly deleteAll: RecordStoreName
  readonly prefix: StoreKey
}

/**
 * Records by key, in IndexedDB, in files or in memory.
 *
 * What is read is the reader's own copy; what was written can be changed afterwards. Every call settles. After `close()`, or where
 * the browser took the database away, calls reject with `store-unavailable`.
 */
export interface RecordStorage {
  /** Where the records are. */
  readonly kind: 'indexeddb' | 'files' | 'memory'

  /**
   * Reads one record.
   *
   * @param name - The store.
   * @param key - Its whole key.
   * @returns The record; `undefined` where there is none.
   * @throws {EmbedderError} `store-unavailable`
   */
  get<Name extends RecordStoreName>(name: Name, key: StoreKey): Promise<RecordOf<Name> | undefined>

  /**
   * Reads several records in one transaction.
   *
   * @param name - The store.
   * @param keys - Their whole keys.
   * @returns A record a key, in their order; `undefined` where there is none.
   * @throws {EmbedderError} `store-unavailable`
   */
  getMany<Name extends RecordStoreName>(
    name: Name,
    keys: readonly StoreKey[],
  ): Promise<readonly (RecordOf<Name> | undefined)[]>

  /**
   * Reads all records whose keys start with a prefix.
   *
   * @param name - The store.
   * @param prefix - First parts of the keys; an empty one means all.
   * @returns Keys and records, in the order of the keys (numbers before texts, part by part), of one moment.
   * @throws {EmbedderError} `store-unavailable`
   */
  list<Name extends RecordStoreName>(
    name: Name,
    prefix: StoreKey,
  ): Promise<readonly { readonly key: StoreKey; readonly value: RecordOf<Name> }[]>

  /**
   * Reads all keys that start with a prefix; no record is read.
   *
   * @param name - The store.
   * @param prefix - First parts of the keys; an empty one means all.
   * @returns The keys, in order.
   * @throws {EmbedderError} `store-unavailable`
   */
  keys(name: RecordStoreName, prefix: StoreKey): Promise<readonly StoreKey[]>

  /**
   * Makes all changes in their order, or none of them.
   *
   * @returns When they are made.
   * @throws {EmbedderError} `quota-exceeded` if there is no room, `store-unavailable`
   */
  commit(changes: readonly Change[]): Promise<void>

  /** Ends it; twice is once. What is in memory is gone. */
  close(): void
}
