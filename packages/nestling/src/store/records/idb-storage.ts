import { EmbedderError } from '../../wire/embedder-error.js'
import { within } from '@nestling/kit/calls/within'
import type { StoreKey } from './database-schema.js'
import { DatabaseConnection } from './database-connection.js'
import { openDatabase, type NestlingDatabase } from './open-database.js'
import type { Change, RecordOf, RecordStorage, RecordStoreName } from './record-storage.js'
import { toStoreFailure } from './store-failure.js'

/** A disk that has not answered by then never will: the slowest that we saw took 2 s for 4 MiB. */
const LIMIT_MS = 30_000

/** Keeps records in IndexedDB. */
export class IdbStorage implements RecordStorage {
  readonly kind = 'indexeddb'
  readonly #connection: DatabaseConnection
  readonly #limitMs: number

  /**
   * Takes an open database over.
   *
   * @param limitMs - How long a call may take.
   * @param reopen - Opens it again where the browser has closed it.
   */
  constructor(database: NestlingDatabase, limitMs: number = LIMIT_MS, reopen: typeof openDatabase = openDatabase) {
    this.#connection = new DatabaseConnection(database, reopen)
    this.#limitMs = limitMs
  }

  /** {@inheritDoc RecordStorage.get} */
  get<Name extends RecordStoreName>(name: Name, key: StoreKey): Promise<RecordOf<Name> | undefined> {
    return this.#settle((database) => database.get(name, key))
  }

  /** {@inheritDoc RecordStorage.getMany} */
  getMany<Name extends RecordStoreName>(
    name: Name,
    keys: readonly StoreKey[],
  ): Promise<readonly (RecordOf<Name> | undefined)[]> {
    return this.#settle(async (database) => {
      const { store } = database.transaction(name)
      return Promise.all(keys.map((key) => store.get(key)))
    })
  }

  /** {@inheritDoc RecordStorage.list} */
  list<Name extends RecordStoreName>(
    name: Name,
    prefix: StoreKey,
  ): Promise<readonly { readonly key: StoreKey; readonly value: RecordOf<Name> }[]> {
    return this.#settle(async (database) => {
      const { store } = database.transaction(name)
      const range = rangeOf(prefix)
      const [keys, values] = await Promise.all([store.getAllKeys(range), store.getAll(range)])
      return keys.map((key, index) => ({ key, value: values[index] as RecordOf<Name> }))
    })
  }

  /** {@inheritDoc RecordStorage.keys} */
  keys(name: RecordStoreName, prefix: StoreKey): Promise<readonly StoreKey[]> {
    return this.#settle((database) => database.getAllKeys(name, rangeOf(prefix)))
  }

  /** {@inheritDoc RecordStorage.commit} */
  async commit(changes: readonly Change[]): Promise<void> {
    const names = [...new Set(changes.map(storeOf))]
    if (names.length === 0) return
    await this.#settle(async (database) => {
      const transaction = database.transaction(names, 'readwrite')
      try {
        for (const change of changes) {
          // A request that fails aborts the transaction, which `done` tells; what cannot be cloned throws here.
          request(transaction.objectStore(storeOf(change)), change)?.catch(() => undefined)
        }
      } catch (error) {
        transaction.done.catch(() => undefined)
        transaction.abort()
        throw error
      }
      await transaction.done
      return true
    })
  }

  /** {@inheritDoc RecordStorage.close} */
  close(): void {
    this.#connection.close()
  }

  async #settle<T>(work: (database: NestlingDatabase) => Promise<T>): Promise<T> {
    try {
      const answer = await within(
        this.#connection.use(work).then((value) => ({ value })),
        this.#limitMs,
      )
      if (answer !== undefined) return answer.value
    } catch (error) {
      throw toStoreFailure(error)
    }
    throw new EmbedderError(
      'store-unavailable',
      `Cannot use the store as the browser did not answer for ${this.#limitMs / 1000} s\nReload the page`,
      { details: { reason: 'timeout' } },
    )
  }
}

/** The part of an object store that a commit needs. Which value belongs to which store, `Change` has checked. */
interface WritableStore {
  put?(value: unknown, key: StoreKey): Promise<unknown>
  delete?(key: StoreKey | IDBKeyRange): Promise<void>
}

function request(store: WritableStore, change: Change): Promise<unknown> | undefined {
  if ('put' in change) return store.put?.(change.value, change.key)
  return store.delete?.('delete' in change ? change.key : rangeOf(change.prefix))
}

function storeOf(change: Change): RecordStoreName {
  if ('put' in change) return change.put
  return 'delete' in change ? change.delete : change.deleteAll
}

/** All keys with a prefix: in IndexedDB arrays come after all numbers and texts. */
function rangeOf(prefix: StoreKey): IDBKeyRange {
  return IDBKeyRange.bound(prefix, [...prefix, []])
}
