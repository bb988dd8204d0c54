import { MIN_NORM, normOf } from '@nestling/kit/math/norm'
import { RowMemory } from '../score/row-memory.js'
import type { RowForms } from '../score/row-layout.js'
import { arrayOf, valuesPerRow } from '../store/row-array.js'
import type { IndexIdentity, Segment } from '../store/stored-index.js'
import { SEGMENT_ROWS } from '../store/stored-index.js'
import { DocumentTable } from '../documents/document-table.js'
import { UNKNOWN_DIGEST } from '../documents/encoding-digest.js'
import type { KeptDocument } from '../wire/protocol.js'

/** Told of documents that come and go; the words of texts follow by it. */
export interface ContentsListener {
  /** Some came. */
  onAdd(documents: readonly KeptDocument[]): void
  /** All went. */
  onClear(): void
  /** Some went. */
  onRemove(ids: readonly (string | number)[]): void
}

/** The documents and rows of an index, in memory. */
export class IndexContents {
  /** What the index is. */
  readonly identity: IndexIdentity
  /** Vectors. */
  readonly rows: RowMemory
  /** Everything else. */
  readonly documents: DocumentTable = new DocumentTable()
  /** Told of every change. */
  listener: ContentsListener | undefined

  /**
   * Starts empty.
   *
   * @param module - The kernels, compiled.
   * @param forms - What is kept of a row.
   */
  constructor(module: WebAssembly.Module, identity: IndexIdentity, forms: RowForms) {
    this.identity = identity
    this.rows = new RowMemory(module, identity.dim, forms)
  }

  /**
   * Makes a change; it cannot fail half way.
   *
   * @throws {EmbedderError} `out-of-memory` if there is no room; nothing was changed then.
   */
  apply(segment: Segment): void {
    const { removed, ids, texts, metadata, rowCounts, spans, digests } = segment
    const count = spans.length / 2
    this.rows.reserve(count)
    // What is there already is replaced: a change may come twice, and an update is one.
    this.#remove([...removed, ...ids])
    let row = 0
    const added = ids.map((id, index): KeptDocument => {
      return { id, text: texts[index] ?? null, metadata: metadata[index] ?? null }
    })
    for (const [index, document] of added.entries()) {
      const digest = digests[index] as number
      const place = this.documents.add({ ...document, digest })
      for (let left = rowCounts[index] as number; left > 0; left--, row++) {
        const span = [spans[2 * row] as number, spans[2 * row + 1] as number] as const
        this.documents.addRow(place, this.#addRow(segment, row), span)
      }
    }
    this.listener?.onAdd(added)
  }

  /**
   * Gives documents, in segments of at most {@link SEGMENT_ROWS} rows but where one document has more.
   *
   * @param chosen - Their places; all make this index of an empty one.
   */
  *segments(chosen: Iterable<number> = this.documents.places()): Generator<Segment, void, undefined> {
    let places: number[] = []
    let rows: number[] = []
    for (const place of chosen) {
      const own = this.documents.rowsOf(place)
      if (places.length > 0 && rows.length + own.length > SEGMENT_ROWS) {
        yield this.#gather(places, rows)
        places = []
        rows = []
      }
      places.push(place)
      rows.push(...own)
    }
    if (places.length > 0) yield this.#gather(places, rows)
  }

  /**
   * Tells whether a document has the same rows as in a segment.
   *
   * @param firstRow - Its first row there.
   * @param count - Its rows there.
   */
  hasRows(place: number, { vectors, scales, spans }: Segment, firstRow: number, count: number): boolean {
    const { dim, precision } = this.identity
    const width = valuesPerRow(precision, dim)
    const rows = this.documents.rowsOf(place)
    if (rows.length !== count) return false
    return rows.every((row, index) => {
      const other = firstRow + index
      const [start, end] = this.documents.spanOf(row)
      const { values, scale } = this.rows.readKept(row)
      const first = other * width
      return (
        start === spans[2 * other] &&
        end === spans[2 * other + 1] &&
        (scales.length === 0 || scale === scales[other]) &&
        values.every((value, index) => value === vectors[first + index])
      )
    })
  }

  #remove(ids: readonly (string | number)[]): void {
    const gone: (string | number)[] = []
    for (const id of ids) {
      const rows = this.documents.remove(id)
      if (rows === undefined) continue
      gone.push(id)
      for (const row of rows) this.rows.free(row)
    }
    if (gone.length > 0) this.listener?.onRemove(gone)
  }

  #addRow({ vectors, scales }: Segment, row: number): number {
    const { dim, precision, similarity } = this.identity
    const width = valuesPerRow(precision, dim)
    const values = vectors.subarray(row * width, (row + 1) * width)
    if (!(values instanceof Float32Array)) return this.rows.addCodes(values, scales[row] as number)
    const norm = normOf(values)
    return this.rows.add({ values, norm, scale: similarity === 'cosine' ? 1 / Math.max(norm, MIN_NORM) : 1 })
  }

  #gather(places: readonly number[], rows: readonly number[]): Segment {
    const { dim, precision } = this.identity
    const isCoded = precision !== 'float32'
    const width = valuesPerRow(precision, dim)
    const vectors = new (arrayOf(precision))(rows.length * width)
    const scales = new Float32Array(isCoded ? rows.length : 0)
    const spans = new Int32Array(2 * rows.length)
    for (const [index, row] of rows.entries()) {
      const { values, scale } = this.rows.readKept(row)
      vectors.set(values, index * width)
      if (isCoded) scales[index] = scale
      spans.set(this.documents.spanOf(row), 2 * index)
    }
    const documents = places.map((place) => this.documents.at(place))
    return {
      removed: [],
      ids: documents.map((document) => document?.id ?? ''),
      texts: documents.map((document) => document?.text ?? null),
      metadata: documents.map((document) => document?.metadata ?? null),
      rowCounts: Int32Array.from(places, (place) => this.documents.rowsOf(place).length),
      spans,
      vectors,
      scales,
      digests: Float64Array.from(documents, (document) => document?.digest ?? UNKNOWN_DIGEST),
    }
  }
}
