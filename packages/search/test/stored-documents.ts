import type { DocumentId } from '../src/wire/document-id.js'
import type { SegmentStore } from '../src/store/store-change.js'
import type { Segment, StoredHead } from '../src/store/stored-index.js'

/** Makes a change: documents that come, with a vector of two components each, after others that go. */
export function segmentOf(ids: readonly DocumentId[], removed: readonly DocumentId[] = []): Segment {
  return {
    removed,
    ids,
    texts: ids.map((id) => `text ${id}`),
    metadata: ids.map((id) => ({ id, list: [{ deep: id }], no: null })),
    rowCounts: new Int32Array(ids.length).fill(1),
    spans: Int32Array.from(ids.flatMap((id) => [0, `text ${id}`.length])),
    vectors: Float32Array.from(ids.flatMap((_, index) => [index + 0.5, -1])),
    scales: new Float32Array(0),
    digests: Float64Array.from(ids, (_, index) => index * 1e9),
  }
}

/** What a reader or a writer needs of a store. */
type Store = Pick<SegmentStore, 'read' | 'commit'>

const FIRST: StoredHead = {
  format: 1,
  dim: 2,
  precision: 'float32',
  similarity: 'cosine',
  space: null,
  version: 0,
  base: 0,
  storedRows: 0,
}

/** Documents as someone has them in memory who reads a store, or writes to it. */
export class StoredDocuments {
  /** Every change that was read. */
  readonly applied: Segment[] = []
  starts = 0
  head: StoredHead | undefined
  readonly #ids = new Set<DocumentId>()

  constructor(head?: StoredHead) {
    this.head = head
  }

  /** Ids in the order in which they came. */
  get ids(): readonly DocumentId[] {
    return [...this.#ids]
  }

  /** What was read or written last, also where that is nothing. */
  get state(): StoredHead {
    return this.head ?? FIRST
  }

  /** Reads what is new. */
  async readFrom(store: Store): Promise<this> {
    const start = (head: StoredHead | undefined): void => {
      this.starts++
      if (head === undefined || head.base > (this.head?.version ?? 0)) this.#ids.clear()
      this.head = head
    }
    const apply = (segment: Segment): void => {
      this.applied.push(segment)
      this.#apply(segment)
    }
    await store.read(this.head?.version ?? 0, start, apply)
    return this
  }

  /** Writes a change after what is known. */
  async write(store: Store, segments: readonly Segment[], isRewrite = false): Promise<boolean> {
    const { version, base } = this.head ?? FIRST
    const head = { ...FIRST, version: version + 1, base: isRewrite || version === 0 ? version + 1 : base }
    const isWritten = await store.commit({ expected: version, head, segments, isRewrite: isRewrite || version === 0 })
    if (!isWritten) return false
    if (isRewrite) this.#ids.clear()
    this.head = head
    for (const segment of segments) this.#apply(segment)
    return true
  }

  #apply({ ids, removed }: Segment): void {
    for (const id of [...removed, ...ids]) this.#ids.delete(id)
    for (const id of ids) this.#ids.add(id)
  }
}
