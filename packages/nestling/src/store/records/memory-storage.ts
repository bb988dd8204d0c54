import { compareKeys } from '@nestling/kit/records/key-order'
import { EmbedderError } from '../../wire/embedder-error.js'
import type { StoreKey } from './database-schema.js'
import type { Change, RecordOf, RecordStorage, RecordStoreName } from './record-storage.js'

/** Keeps records as long as this realm lives: where storage is blocked, and in tests. */
export class MemoryStorage implements RecordStorage {
  readonly kind = 'memory'
  readonly #stores = new Map<RecordStoreName, Map<string, { readonly key: StoreKey; readonly value: unknown }>>()
  #isClosed = false

  /** {@inheritDoc RecordStorage.get} */
  async get<Name extends RecordStoreName>(name: Name, key: StoreKey): Promise<RecordOf<Name> | undefined> {
    const [value] = await this.getMany(name, [key])
    return value
  }

  /** {@inheritDoc RecordStorage.getMany} */
  getMany<Name extends RecordStoreName>(
    name: Name,
    keys: readonly StoreKey[],
  ): Promise<readonly (RecordOf<Name> | undefined)[]> {
    return this.#settle(() => keys.map((key) => copyOf<Name>(this.#store(name).get(JSON.stringify(key))?.value)))
  }

  /** {@inheritDoc RecordStorage.list} */
  list<Name extends RecordStoreName>(
    name: Name,
    prefix: StoreKey,
  ): Promise<readonly { readonly key: StoreKey; readonly value: RecordOf<Name> }[]> {
    return this.#settle(() =>
      this.#records(name, prefix).map(({ key, value }) => ({
        key: [...key],
        value: copyOf<Name>(value) as RecordOf<Name>,
      })),
    )
  }

  /** {@inheritDoc RecordStorage.keys} */
  keys(name: RecordStoreName, prefix: StoreKey): Promise<readonly StoreKey[]> {
    return this.#settle(() => this.#records(name, prefix).map(({ key }) => [...key]))
  }

  /** {@inheritDoc RecordStorage.commit} */
  commit(changes: readonly Change[]): Promise<void> {
    return this.#settle(() => {
      // Copied first: what cannot be copied fails before anything is changed.
      const copies = changes.map((change) => structuredClone(change))
      for (const change of copies) this.#apply(change)
    })
  }

  /** {@inheritDoc RecordStorage.close} */
  close(): void {
    this.#isClosed = true
    this.#stores.clear()
  }

  #apply(change: Change): void {
    if ('put' in change) {
      const { key, value } = change
      this.#store(change.put).set(JSON.stringify(key), { key, value })
    } else if ('delete' in change) {
      this.#store(change.delete).delete(JSON.stringify(change.key))
    } else {
      for (const { key } of this.#records(change.deleteAll, change.prefix)) {
        this.#store(change.deleteAll).delete(JSON.stringify(key))
      }
    }
  }

  #store(name: RecordStoreName): Map<string, { readonly key: StoreKey; readonly value: unknown }> {
    let store = this.#stores.get(name)
    if (store === undefined) {
      store = new Map()
      this.#stores.set(name, store)
    }
    return store
  }

  #records(name: RecordStoreName, prefix: StoreKey): { readonly key: StoreKey; readonly value: unknown }[] {
    return [...this.#store(name).values()]
      .filter(({ key }) => prefix.every((part, index) => key[index] === part))
      .sort((a, b) => compareKeys(a.key, b.key))
  }

  #settle<T>(work: () => T): Promise<T> {
    if (!this.#isClosed) return Promise.resolve().then(work)
    return Promise.reject(
      new EmbedderError('store-unavailable', 'Cannot use the store as it was closed\nReload the page', {
        details: { reason: 'InvalidStateError' },
      }),
    )
  }
}

function copyOf<Name extends RecordStoreName>(value: unknown): RecordOf<Name> | undefined {
  return structuredClone(value) as RecordOf<Name> | undefined
}
