import type { DocumentId } from '../wire/document-id.js'
import type { KeptDocument } from '../wire/protocol.js'
import { IntColumn } from './int-column.js'

/** End of a list of rows, and the owner of a row that is free. */
const NONE = -1

/** A document with a number for how it was encoded, beside its text; see `encoding-digest.ts`. */
export interface TableDocument extends KeptDocument {
  readonly digest: number
}

/** Knows documents by their places, which are numbers that are used again, and which rows are theirs. */
export class DocumentTable {
  readonly #places = new Map<DocumentId, number>()
  readonly #documents: (TableDocument | undefined)[] = []
  readonly #freePlaces: number[] = []
  readonly #firstRow = new IntColumn()
  readonly #nextRow = new IntColumn()
  readonly #owner = new IntColumn()
  readonly #span = new IntColumn(2)

  /** Documents. */
  get count(): number {
    return this.#places.size
  }

  /** One more than the highest place. */
  get end(): number {
    return this.#documents.length
  }

  /** The document of each row, -1 where it is free. */
  get owners(): Int32Array<ArrayBuffer> {
    return this.#owner.values
  }

  /** Bytes of the tables. */
  get sizeBytes(): number {
    const columns = [this.#firstRow, this.#nextRow, this.#owner, this.#span]
    return columns.reduce((sum, { values }) => sum + values.byteLength, 0)
  }

  /**
   * Finds a document.
   *
   * @returns Its place; `undefined` if it is not there.
   */
  placeOf(id: DocumentId): number | undefined {
    return this.#places.get(id)
  }

  /** Reads a document by its id; `undefined` if it is not there. */
  find(id: DocumentId): TableDocument | undefined {
    const place = this.#places.get(id)
    return place === undefined ? undefined : this.#documents[place]
  }

  /**
   * Reads a document.
   *
   * @returns The document; `undefined` where the place is free.
   */
  at(place: number): TableDocument | undefined {
    return this.#documents[place]
  }

  /**
   * Adds a document without rows.
   *
   * @param document - The document; its id is not there.
   * @returns Its place.
   */
  add(document: TableDocument): number {
    const place = this.#freePlaces.pop() ?? this.#documents.length
    this.#documents[place] = document
    this.#places.set(document.id, place)
    this.#firstRow.reserve(place + 1)
    this.#firstRow.values[place] = NONE
    return place
  }

  /**
   * Gives a row to a document, before those that it has.
   *
   * @param span - Start and end in the text.
   */
  addRow(place: number, row: number, span: readonly [number, number]): void {
    const needed = row + 1
    for (const column of [this.#nextRow, this.#owner, this.#span]) column.reserve(needed)
    this.#nextRow.values[row] = this.#firstRow.values[place] as number
    this.#firstRow.values[place] = row
    this.#owner.values[row] = place
    this.#span.values.set(span, 2 * row)
  }

  /**
   * Lists the rows of a document.
   *
   * @returns Rows, in the order of the text.
   */
  rowsOf(place: number): Int32Array {
    const rows: number[] = []
    for (let row = this.#firstRow.values[place] as number; row !== NONE; row = this.#nextRow.values[row] as number) {
      rows.push(row)
    }
    return Int32Array.from(rows.reverse())
  }

  /**
   * Tells what a row is of.
   *
   * @returns Start and end in the text.
   */
  spanOf(row: number): readonly [number, number] {
    const [start = 0, end = 0] = this.#span.values.subarray(2 * row, 2 * row + 2)
    return [start, end]
  }

  /**
   * Removes a document.
   *
   * @returns Its rows, which are free now; `undefined` if it is not there.
   */
  remove(id: DocumentId): Int32Array | undefined {
    const place = this.#places.get(id)
    if (place === undefined) return undefined
    const rows = this.rowsOf(place)
    for (const row of rows) this.#owner.values[row] = NONE
    this.#places.delete(id)
    this.#documents[place] = undefined
    this.#freePlaces.push(place)
    return rows
  }

  /**
   * Walks through all documents.
   *
   * @returns Places, in ascending order.
   */
  *places(): Generator<number, void, undefined> {
    for (let place = 0; place < this.#documents.length; place++) {
      if (this.#documents[place] !== undefined) yield place
    }
  }
}
