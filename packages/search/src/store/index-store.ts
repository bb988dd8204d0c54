import { openChannel } from '@nestling/kit/locks/open-channel'
import { DatabaseConnection } from './database-connection.js'
import type { Watched } from './while-heard.js'
import { IndexLock } from './index-lock.js'
import { openDatabase, type SearchDatabase, type SegmentKey } from './open-database.js'
import {
  countRows,
  mergeStored,
  READ_COUNT,
  segmentsToMerge,
  type SegmentStore,
  type StoreChange,
  type StoreListener,
} from './store-change.js'
import { checkSegment, type Segment, type StoredHead, type StoredKeywords } from './stored-index.js'

/** What is read, and who is told of it. */
interface StoreReading {
  readonly version: number
  readonly start: (head: StoredHead | undefined) => void
  readonly apply: (segment: Segment) => void
}

/** Keeps one index in IndexedDB, for all tabs: a list of changes in order, and what the index is. */
export class IndexStore implements SegmentStore {
  readonly kind = 'indexeddb'
  readonly #name: string
  readonly #connection: DatabaseConnection
  readonly #channel: BroadcastChannel | undefined
  readonly lock: IndexLock

  private constructor(name: string, { onChange, onLost }: StoreListener) {
    this.#name = name
    this.#connection = new DatabaseConnection(openDatabase, onLost)
    this.lock = new IndexLock(lockName(name))
    // Where there is none, changes of other tabs are seen when this one changes something.
    this.#channel = openChannel(lockName(name))
    if (this.#channel !== undefined) this.#channel.onmessage = onChange
  }

  /**
   * Opens an index; reads nothing yet.
   *
   * @param listener - Told of what happens to it.
   * @throws {EmbedderError} `store-unavailable` if the browser has no database here.
   */
  static async open(name: string, listener: StoreListener): Promise<IndexStore> {
    const store = new IndexStore(name, listener)
    try {
      await store.#connection.ready()
      return store
    } catch (error) {
      store.close()
      throw error
    }
  }

  /** {@inheritDoc SegmentStore.noticeChanges} */
  noticeChanges(): Promise<void> | undefined {
    // Tabs tell each other.
    return undefined
  }

  /** {@inheritDoc SegmentStore.head} */
  async head(): Promise<StoredHead | undefined> {
    return this.#connection.useAgain((database) => database.get('indexes', this.#name))
  }

  /** {@inheritDoc SegmentStore.read} */
  async read(
    version: number,
    start: (head: StoredHead | undefined) => void,
    apply: (segment: Segment) => void,
  ): Promise<void> {
    await this.#connection.use((database, watched) => this.#readFrom(database, watched, { version, start, apply }))
  }

  async #readFrom(
    database: SearchDatabase,
    { heard }: Watched,
    { version, start, apply }: StoreReading,
  ): Promise<void> {
    // One transaction from the first request to the last: nobody writes in between.
    const transaction = database.transaction(['indexes', 'segments'])
    const segments = transaction.objectStore('segments')
    try {
      const head = await transaction.objectStore('indexes').get(this.#name)
      if (!heard()) return
      start(head)
      if (head === undefined || head.version === version) return
      let after: IDBValidKey = [this.#name, head.base > version ? 0 : version, Infinity]
      for (;;) {
        const range = IDBKeyRange.bound(after, [this.#name, Infinity], true)
        const [keys, values] = await Promise.all([
          segments.getAllKeys(range, READ_COUNT),
          segments.getAll(range, READ_COUNT),
        ])
        if (!heard()) return
        for (const value of values) apply(checkSegment(value, head))
        if (keys.length < READ_COUNT) break
        after = keys.at(-1) as SegmentKey
      }
    } finally {
      await transaction.done.catch(() => undefined)
    }
  }

  /** {@inheritDoc SegmentStore.commit} */
  async commit(change: StoreChange): Promise<boolean> {
    return this.#connection.use((database, watched) => this.#commitTo(database, watched, change))
  }

  async #commitTo(database: SearchDatabase, { heard, signal }: Watched, change: StoreChange): Promise<boolean> {
    const transaction = database.transaction(['indexes', 'segments', 'keywords'], 'readwrite')
    const abort = (): void => {
      try {
        transaction.abort()
      } catch {
        // It ended by itself.
      }
    }
    signal.addEventListener('abort', abort)
    try {
      const heads = transaction.objectStore('indexes')
      const current = (await heads.get(this.#name))?.version ?? 0
      if (current !== change.expected) {
        await transaction.done
        return false
      }
      const store = transaction.objectStore('segments')
      const all = IDBKeyRange.bound([this.#name], [this.#name, Infinity])
      const requests: Promise<unknown>[] = []
      const request = (promise: Promise<unknown>): void => {
        // One that fails ends the transaction, and all others fail with it.
        promise.then(heard, () => undefined)
        requests.push(promise)
      }
      if (change.isRewrite) {
        request(store.delete(all))
        request(transaction.objectStore('keywords').delete(this.#name))
      }
      let part = 0
      for (const segment of change.segments) {
        request(store.put(segment, [this.#name, change.head.version, part++, countRows(segment)]))
      }
      request(heads.put(change.head, this.#name))
      await Promise.all(requests)
      const small = segmentsToMerge(await store.getAllKeys(all), ([, , , rows]) => rows)
      if (small.length > 0) {
        const stored = await Promise.all(small.map((key) => store.get(key)))
        const { merged, rows } = mergeStored(stored, change.head)
        const gone = small.map((key) => store.delete(key))
        await Promise.all([...gone, store.put(merged, [this.#name, change.head.version, part, rows])])
      }
      // Told before it is written, as a worker that is ended right after could tell nobody. Others read only once this transaction ended.
      this.#tell(change.head.version)
      heard()
      await transaction.done
    } catch (error) {
      transaction.done.catch(() => undefined)
      abort()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
    return true
  }

  /** {@inheritDoc SegmentStore.keywords} */
  async keywords(version: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const stored = await this.#connection.useAgain((database) => database.get('keywords', this.#name))
    return stored?.version === version ? stored.bytes : undefined
  }

  /** {@inheritDoc SegmentStore.putKeywords} */
  async putKeywords(keywords: StoredKeywords): Promise<void> {
    await this.#connection.useAgain((database) => database.put('keywords', keywords, this.#name))
  }

  #tell(version: number): void {
    try {
      this.#channel?.postMessage(version)
    } catch {
      // Closed, or refused: others see the change when they change something.
    }
  }

  /** {@inheritDoc SegmentStore.close} */
  close(): void {
    this.#channel?.close()
    this.#connection.close()
  }
}

function lockName(name: string): string {
  return `nestling-search:${name}`
}
