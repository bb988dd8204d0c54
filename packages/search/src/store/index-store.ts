import { webLocks } from '../wire/life-lock.js'
import { openDatabase, type SearchDatabase, type SegmentKey } from './open-database.js'
import { mergeSegments } from './merge-segments.js'
import { toStoreFailure } from './store-failure.js'
import { checkSegment, corrupt, type Segment, type StoredHead, type StoredKeywords } from './stored-index.js'

/** Segments that are read at a time: about 12 MB. */
const READ_COUNT = 8

/** Segments with fewer rows are merged when there are as many as this in a row. */
const SMALL_ROWS = 512
const MERGED_COUNT = 16

/** A change of what is stored. */
export interface StoreChange {
  /** Version that the change was made for; 0 where nothing is stored. */
  readonly expected: number
  readonly head: StoredHead
  readonly segments: Iterable<Segment>
  /** Whether all older segments go. */
  readonly isRewrite: boolean
}

/** Keeps one index in IndexedDB, for all tabs: a list of changes in order, and what the index is. */
export class IndexStore {
  readonly #name: string
  readonly #database: SearchDatabase
  readonly #channel: BroadcastChannel | undefined

  private constructor(name: string, database: SearchDatabase, onChange: () => void) {
    this.#name = name
    this.#database = database
    if (typeof BroadcastChannel === 'undefined') return
    this.#channel = new BroadcastChannel(lockName(name))
    this.#channel.onmessage = onChange
  }

  /**
   * Opens an index; reads nothing yet.
   *
   * @param name - Its name.
   * @param onChange - Told when another tab has changed it.
   * @returns The store.
   * @throws {EmbedderError} `store-unavailable` if the browser has no database here.
   */
  static async open(name: string, onChange: () => void): Promise<IndexStore> {
    return new IndexStore(name, await openDatabase().catch(rethrow), onChange)
  }

  /**
   * Does work while no other tab changes the index. Without Web Locks it is done at once: a change that comes too late is refused then.
   *
   * @param work - The work.
   * @returns What it gives.
   */
  async withLock<T>(work: () => Promise<T>): Promise<T> {
    const locks = webLocks()
    return locks === undefined ? work() : locks.request(lockName(this.#name), work)
  }

  /**
   * Reads what the index is.
   *
   * @returns It; `undefined` where nothing is stored.
   */
  async head(): Promise<StoredHead | undefined> {
    return this.#database.get('indexes', this.#name).catch(rethrow)
  }

  /**
   * Reads what changed since a version, as it was at one moment.
   *
   * @param version - What is known already.
   * @param start - Told what the index is now, before the changes; from a base that is newer than `version`, all of them come.
   * @param apply - Told every change; must not wait for anything.
   * @throws {EmbedderError} `index-corrupt`, `store-unavailable`.
   */
  async read(
    version: number,
    start: (head: StoredHead | undefined) => void,
    apply: (segment: Segment) => void,
  ): Promise<void> {
    // One transaction from the first request to the last: nobody writes in between.
    const transaction = this.#database.transaction(['indexes', 'segments'])
    const segments = transaction.objectStore('segments')
    try {
      const head = await transaction.objectStore('indexes').get(this.#name)
      start(head)
      if (head === undefined || head.version === version) return
      let after: IDBValidKey = [this.#name, head.base > version ? 0 : version, Infinity]
      for (;;) {
        const range = IDBKeyRange.bound(after, [this.#name, Infinity], true)
        const [keys, values] = await Promise.all([
          segments.getAllKeys(range, READ_COUNT),
          segments.getAll(range, READ_COUNT),
        ])
        for (const value of values) apply(checkSegment(value, head))
        if (keys.length < READ_COUNT) break
        after = keys.at(-1) as SegmentKey
      }
    } catch (error) {
      rethrow(error)
    } finally {
      await transaction.done.catch(() => undefined)
    }
  }

  /**
   * Writes a change in one transaction, and tells the other tabs.
   *
   * @param change - The change.
   * @returns Whether it was written; `false` where another tab was faster, and nothing was changed.
   * @throws {EmbedderError} `quota-exceeded`, `store-unavailable`; nothing was changed then.
   */
  async commit(change: StoreChange): Promise<boolean> {
    const transaction = this.#database.transaction(['indexes', 'segments', 'keywords'], 'readwrite')
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
        promise.catch(() => undefined)
        requests.push(promise)
      }
      if (change.isRewrite) {
        request(store.delete(all))
        request(transaction.objectStore('keywords').delete(this.#name))
      }
      let part = 0
      for (const segment of change.segments) {
        const rows = segment.rowCounts.reduce((sum, count) => sum + count, 0)
        request(store.put(segment, [this.#name, change.head.version, part++, rows]))
      }
      request(heads.put(change.head, this.#name))
      await Promise.all(requests)
      const small = smallTail(await store.getAllKeys(all))
      if (small.length >= MERGED_COUNT) {
        const segments = await Promise.all(small.map((key) => store.get(key)))
        const whole = segments.map((segment) => checkSegment(segment, change.head))
        const merged = mergeSegments(whole, change.head.dim)
        const rows = merged.rowCounts.reduce((sum, count) => sum + count, 0)
        const gone = small.map((key) => store.delete(key))
        await Promise.all([...gone, store.put(merged, [this.#name, change.head.version, part, rows])])
      }
      // Told before it is written, as a worker that is ended right after could tell nobody. Others read only once this transaction ended.
      this.#channel?.postMessage(change.head.version)
      await transaction.done
    } catch (error) {
      transaction.done.catch(() => undefined)
      try {
        transaction.abort()
      } catch {
        // It ended by itself.
      }
      return rethrow(error)
    }
    return true
  }

  /**
   * Reads the words.
   *
   * @param version - Version of the index that they must be of.
   * @returns Their bytes; `undefined` where there are none of that version.
   */
  async keywords(version: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const stored = await this.#database.get('keywords', this.#name).catch(rethrow)
    return stored?.version === version ? stored.bytes : undefined
  }

  /**
   * Writes the words.
   *
   * @param keywords - The words, and of which version of the index.
   */
  async putKeywords(keywords: StoredKeywords): Promise<void> {
    await this.#database.put('keywords', keywords, this.#name).catch(rethrow)
  }

  /** Closes it; calls after that reject. */
  close(): void {
    this.#channel?.close()
    this.#database.close()
  }
}

function lockName(name: string): string {
  return `nestling-search:${name}`
}

/** The last segments, as far as all are small. */
function smallTail(keys: readonly SegmentKey[]): readonly SegmentKey[] {
  const last = keys.findLastIndex(([, , , rows]) => rows >= SMALL_ROWS)
  return keys.slice(last + 1)
}

function rethrow(error: unknown): never {
  throw toStoreFailure(error)
}

/**
 * Refuses what a later version of this library wrote.
 *
 * @param head - What is stored.
 * @throws {EmbedderError} `index-corrupt` if its format is not known here.
 */
export function checkFormat(head: StoredHead | undefined): void {
  const format: number | undefined = head?.format
  if (format !== undefined && format !== 1) throw corrupt(`its format ${format} is newer than this library knows`)
}
