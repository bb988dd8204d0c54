import { randomUUID } from 'node:crypto'
import { compareKeys, type RecordKey } from '@nestling/kit/records/key-order'
import { RecordFiles, type RecordChange } from '@nestling/kit/records/record-files.node'
import { ConnectionLost } from './connection-lost.js'
import { toFilesFailure, unavailable } from './files-failure.node.js'
import { indexFolder } from './index-folder.node.js'
import { IndexLock, PROCESSES } from './index-lock.js'
import {
  countRows,
  mergeStored,
  READ_COUNT,
  segmentsToMerge,
  type SegmentStore,
  type StoreChange,
  type StoreListener,
} from './store-change.js'
import {
  checkSegment,
  corrupt,
  type Segment,
  type StoredHead,
  type StoredKeywords,
  type StoredSegment,
} from './stored-index.js'

/** `[version, part, rows]`. */
type SegmentKey = [number, number, number]

/** What the index is, and a name that it was given when its first change was written: a folder that was deleted may be made again. */
interface HeadRecord {
  readonly head: StoredHead
  readonly birth: string
}

/** The stores below the folder, of which the first and the last have one record. */
const HEADS = 'indexes'
const SEGMENTS = 'segments'
const KEYWORDS = 'keywords'
const ONLY: RecordKey = ['index']

/** Times that a reader finds the index changed under its hands; after it, writers wait for it. */
const FREE_READS = 5

/** Keeps one index in the files of a folder, for all processes: a list of changes in order, and what the index is. */
export class IndexStore implements SegmentStore {
  readonly kind = 'files'
  readonly #files: RecordFiles
  readonly #listener: StoreListener
  readonly lock: IndexLock
  /** The head that was read or written last. */
  #stamp: string | undefined
  #birth: string | undefined
  #isClosed = false

  private constructor(files: RecordFiles, listener: StoreListener) {
    this.#files = files
    this.#listener = listener
    this.lock = new IndexLock(`nestling-search:${files.folder}`, PROCESSES)
  }

  /**
   * Opens an index, whose folder is made where it is not there; reads nothing yet.
   *
   * @param name - A name, or the path of a folder.
   * @param listener - Told of what happens to it.
   * @throws {EmbedderError} `store-unavailable` if the folder cannot be used, `quota-exceeded`.
   */
  static async open(name: string, listener: StoreListener): Promise<IndexStore> {
    const folder = indexFolder(name)
    try {
      return new IndexStore(await RecordFiles.open(folder), listener)
    } catch (error) {
      throw toFilesFailure(error, folder)
    }
  }

  /** {@inheritDoc SegmentStore.noticeChanges} */
  async noticeChanges(): Promise<void> {
    if ((await this.#settle(() => this.#stampNow())) !== this.#stamp) this.#listener.onChange()
  }

  /** {@inheritDoc SegmentStore.head} */
  async head(): Promise<StoredHead | undefined> {
    return (await this.#settle(() => this.#record()))?.head
  }

  /** {@inheritDoc SegmentStore.read} */
  async read(
    version: number,
    start: (head: StoredHead | undefined) => void,
    apply: (segment: Segment) => void,
  ): Promise<void> {
    const reading = { known: version, after: [version, Infinity] as RecordKey, start, apply }
    await this.#settle(async () => {
      for (let time = 0; time < FREE_READS; time++) if (await this.#readOn(reading)) return
      await this.#files.alone(() => this.#readOn(reading))
    })
  }

  /**
   * Reads what is left, without keeping a writer waiting: segments are never changed, so one that is gone meanwhile was merged into a later one,
   * or all of them come anew.
   *
   * @returns Whether it is all; `false` where the index was changed meanwhile, and more is left.
   */
  async #readOn(reading: {
    known: number
    after: RecordKey
    readonly start: (head: StoredHead | undefined) => void
    readonly apply: (segment: Segment) => void
  }): Promise<boolean> {
    const stamp = await this.#stampNow()
    const record = await this.#record()
    const isBorn = this.#birth !== undefined && record?.birth !== this.#birth
    this.#birth = record?.birth
    if (isBorn && reading.known > 0) {
      this.#listener.onLost()
      throw new ConnectionLost('another index is in its folder')
    }
    const { base = 0, version = 0 } = record?.head ?? {}
    const from = base > reading.known ? [base] : reading.after
    // What a commit has put in its place before its head is not there yet.
    const keys = (await this.#keys()).filter((key) => key[0] <= version && compareKeys(key, from) > 0)
    if ((await this.#stampNow()) !== stamp) return false
    this.#stamp = stamp
    reading.start(record?.head)
    if (record === undefined) return true
    Object.assign(reading, { known: version, after: from })
    for (let first = 0; first < keys.length; first += READ_COUNT) {
      const some = keys.slice(first, first + READ_COUNT)
      const values = (await this.#files.readMany(SEGMENTS, some)) as readonly (StoredSegment | undefined)[]
      if (values.includes(undefined) && (await this.#stampNow()) !== stamp) return false
      for (const value of values) reading.apply(checkSegment(value, record.head))
      reading.after = some.at(-1) as SegmentKey
    }
    return true
  }

  /** {@inheritDoc SegmentStore.commit} */
  commit(change: StoreChange): Promise<boolean> {
    return this.#settle(() =>
      this.#files.alone(async (commit) => {
        // What is written anew need not be whole.
        const record = await (change.isRewrite ? this.#record().catch(() => undefined) : this.#record())
        const isKnown = change.expected === 0 || record?.birth === this.#birth
        if ((record?.head.version ?? 0) !== change.expected || !isKnown) return false
        const birth = record?.birth ?? randomUUID()
        await commit([...(await this.#changesOf(change)), putHead({ head: change.head, birth })])
        this.#birth = birth
        this.#stamp = await this.#stampNow()
        return true
      }),
    )
  }

  /** Changes of records, the head not among them: it comes into its place last, so that who reads meanwhile has the old index or the new one. */
  async #changesOf({ head, segments, isRewrite }: StoreChange): Promise<RecordChange[]> {
    const added = Array.from(segments, (segment, part) => {
      return { key: [head.version, part, countRows(segment)] as SegmentKey, segment }
    })
    const puts = added.map(({ key, segment }) => putSegment(key, segment))
    if (isRewrite) {
      return [{ deleteAll: SEGMENTS, prefix: [] }, { deleteAll: KEYWORDS, prefix: [] }, ...puts]
    }
    const known = (await this.#keys()).map((key) => ({ key, segment: undefined }))
    const small = segmentsToMerge([...known, ...added], ({ key: [, , rows] }) => rows)
    if (small.length === 0) return puts
    const stored = small.map(
      async ({ key, segment }) => segment ?? ((await this.#files.read(SEGMENTS, key)) as StoredSegment | undefined),
    )
    const { merged, rows } = mergeStored(await Promise.all(stored), head)
    const gone = small.map(({ key }): RecordChange => ({ delete: SEGMENTS, key }))
    return [...puts, ...gone, putSegment([head.version, added.length, rows], merged)]
  }

  /** {@inheritDoc SegmentStore.keywords} */
  async keywords(version: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const stored = (await this.#settle(() => this.#files.read(KEYWORDS, ONLY))) as StoredWords | undefined
    return stored?.version === version && stored.birth === this.#birth ? stored.bytes : undefined
  }

  /** {@inheritDoc SegmentStore.putKeywords} */
  async putKeywords(keywords: StoredKeywords): Promise<void> {
    const value: StoredWords = { ...keywords, birth: this.#birth }
    await this.#settle(() => this.#files.commit([{ put: KEYWORDS, key: ONLY, value }]))
  }

  /** {@inheritDoc SegmentStore.close} */
  close(): void {
    this.#isClosed = true
  }

  #stampNow(): Promise<string | undefined> {
    return this.#files.stampOf(HEADS, ONLY)
  }

  async #keys(): Promise<readonly SegmentKey[]> {
    return (await this.#files.keys(SEGMENTS, [])) as SegmentKey[]
  }

  async #record(): Promise<HeadRecord | undefined> {
    for (;;) {
      const stamp = await this.#stampNow()
      const record = (await this.#files.read(HEADS, ONLY)) as HeadRecord | undefined
      if (record !== undefined || stamp === undefined) return record
      if ((await this.#stampNow()) === stamp) throw corrupt('a file of it is damaged that says what it is')
    }
  }

  async #settle<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw unavailable('it was closed', undefined, 'InvalidStateError')
    try {
      return await work()
    } catch (error) {
      throw toFilesFailure(error, this.#files.folder)
    }
  }
}

/** Words of that version may be those of another index which was in the folder before. */
interface StoredWords extends StoredKeywords {
  readonly birth: string | undefined
}

function putHead(value: HeadRecord): RecordChange {
  return { put: HEADS, key: ONLY, value }
}

function putSegment(key: SegmentKey, value: Segment): RecordChange {
  return { put: SEGMENTS, key, value }
}
