import type { StoreKey } from './database-schema.js'
import type { Change, RecordOf, RecordStorage, RecordStoreName } from './record-storage.js'

/** A real storage whose commits fail when a test says so; one that deletes always works, as on a full disk. */
export class FailingStorage implements RecordStorage {
  readonly kind: RecordStorage['kind']
  readonly #storage: RecordStorage
  #isFailing: (key: StoreKey) => boolean = () => false
  #error: unknown

  constructor(storage: RecordStorage) {
    this.#storage = storage
    this.kind = storage.kind
  }

  /** The write of that number from now on, counted from 1, and all after it fail. */
  failAt(write: number, error: unknown): void {
    let writes = 0
    this.#error = error
    this.#isFailing = () => ++writes >= write
  }

  /** So many writes of a model fail, from the next on. */
  failTimes(times: number, error: unknown, isMeant: (key: string) => boolean): void {
    let left = times
    this.#error = error
    this.#isFailing = ([key]) => isMeant(String(key)) && left-- > 0
  }

  get<Name extends RecordStoreName>(name: Name, key: StoreKey): Promise<RecordOf<Name> | undefined> {
    return this.#storage.get(name, key)
  }

  getMany<Name extends RecordStoreName>(
    name: Name,
    keys: readonly StoreKey[],
  ): Promise<readonly (RecordOf<Name> | undefined)[]> {
    return this.#storage.getMany(name, keys)
  }

  list<Name extends RecordStoreName>(
    name: Name,
    prefix: StoreKey,
  ): Promise<readonly { readonly key: StoreKey; readonly value: RecordOf<Name> }[]> {
    return this.#storage.list(name, prefix)
  }

  keys(name: RecordStoreName, prefix: StoreKey): Promise<readonly StoreKey[]> {
    return this.#storage.keys(name, prefix)
  }

  async commit(changes: readonly Change[]): Promise<void> {
    const put = changes.find((change) => 'put' in change)
    if (put !== undefined && this.#isFailing(put.key)) throw this.#error
    return this.#storage.commit(changes)
  }

  close(): void {
    this.#storage.close()
  }
}
