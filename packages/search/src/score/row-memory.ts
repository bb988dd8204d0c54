import { normOf } from '@nestling/kit/math/norm'
import { codeBytes, decodeRow, encodeRow, type CodePrecision } from '@nestling/kit/math/row-codec'
import { failure } from '../wire/failure.js'
import type { IndexPrecision } from '../wire/protocol.js'
import { startKernels, type Kernels } from './row-kernels.js'
import {
  BLOCK_ROWS,
  GROUP_ROWS,
  isPacked,
  planRows,
  roundUp,
  type PackedForm,
  type PackedLayout,
  type PlaneLayout,
  type RowForms,
  type RowLayout,
} from './row-layout.js'
import { PACKED_PLACE_WORDS, PLACE_WORDS, planScratch, type Scratch } from './scratch.js'

const PAGE_BYTES = 65_536

/** All that a memory of 32-bit addresses can have. */
const MAX_PAGES = 65_536

/** What is known of a row when it comes. */
export interface NewRow {
  /** Its components, as they were given. */
  readonly values: Float32Array
  /** What its scores are multiplied with. */
  readonly scale: number
  /** Its length. */
  readonly norm: number
}

/** A row as it is kept and stored. */
export interface KeptRow {
  /** Components of float32, levels of int8, or codes. */
  readonly values: Float32Array | Int8Array | Uint8Array
  /** What they, or the levels that they stand for, are multiplied with. */
  readonly scale: number
}

/**
 * Holds rows in the memory of the kernels, in blocks, in each form that the index keeps. Freed rows are used again, so rows never move.
 */
export class RowMemory {
  /** Where the parts of a block are. */
  readonly layout: RowLayout
  /** What scores rows in this memory. */
  readonly kernels: Kernels
  readonly #memory: WebAssembly.Memory
  readonly #scratch: Scratch
  readonly #firstBlock: number
  #blockCount = 0
  #end = 0
  #free: number[] = []
  #longest = 0
  #largestScale = 0

  /**
   * Starts empty.
   *
   * @param module - The kernels, compiled.
   * @param dim - Components of a row.
   * @param forms - What is kept of a row.
   */
  constructor(module: WebAssembly.Module, dim: number, forms: RowForms) {
    this.layout = planRows(dim, forms)
    this.#scratch = planScratch(this.layout)
    this.#firstBlock = roundUp(this.#scratch.end, PAGE_BYTES)
    this.#memory = new WebAssembly.Memory({ initial: this.#firstBlock / PAGE_BYTES, maximum: MAX_PAGES })
    this.kernels = startKernels(module, this.#memory)
  }

  /** One more than the highest row that was ever used since the last time that all were free. */
  get end(): number {
    return this.#end
  }

  /** Rows that are kept. */
  get count(): number {
    return this.#end - this.#free.length
  }

  /** Length of the longest row that ever was here, scaled. */
  get longest(): number {
    return this.#longest
  }

  /** The most precise form. */
  get finest(): IndexPrecision {
    return this.layout.forms[0]
  }

  /** Largest scale that a row of the finest form ever had here. */
  get largestScale(): number {
    return this.#largestScale
  }

  /** Bytes of one row in every form that is kept of it, without padding and scales. */
  get keptBytes(): number {
    const { dim, forms } = this.layout
    return forms.reduce((sum, form) => sum + (form === 'float32' ? 4 * dim : codeBytes(form, dim)), 0)
  }

  /** Bytes that the rows take, with what blocks leave empty. */
  get sizeBytes(): number {
    return this.#blockCount * this.layout.blockBytes
  }

  /**
   * Makes room for rows, so that adding them cannot fail half way.
   *
   * @param count - Rows to come.
   * @throws {EmbedderError} `out-of-memory` if the browser gives no more.
   */
  reserve(count: number): void {
    const blocks = Math.ceil((this.#end + Math.max(0, count - this.#free.length)) / BLOCK_ROWS)
    const wanted = roundUp(this.#firstBlock + blocks * this.layout.blockBytes, PAGE_BYTES)
    const missing = wanted - this.#memory.buffer.byteLength
    try {
      if (missing > 0) this.#memory.grow(missing / PAGE_BYTES)
    } catch (cause) {
      const message = `Cannot keep more rows as the browser gives no more memory: ${wanted} bytes are needed`
      throw failure('out-of-memory', `${message}\nUse a precision of fewer bits, such as 'int2', or a smaller dim`, {
        cause,
        details: { wantedBytes: wanted },
      })
    }
    this.#blockCount = Math.max(this.#blockCount, blocks)
  }

  /**
   * Keeps a row; {@link RowMemory.reserve} has made room.
   *
   * @returns Its number.
   */
  add({ values, scale, norm }: NewRow): number {
    const { float32 } = this.layout
    this.#longest = Math.max(this.#longest, norm * scale)
    const row = this.#free.pop() ?? this.#end++
    if (this.finest === 'float32') {
      splitInto(values, float32, (offset, length) => this.#floats(row, offset, length))
      this.#floats(row, float32.scales, 1)[0] = scale
    } else {
      this.#encode(row, this.finest, values, scale)
    }
    this.#addCoarser(row, values, scale)
    return row
  }

  /**
   * Keeps a row that is rounded already, in an index that keeps none finer.
   *
   * @param codes - As {@link encodeRow} makes them for the finest form.
   * @param scale - What the scores of its levels are multiplied with.
   * @returns Its number.
   */
  addCodes(codes: Int8Array | Uint8Array, scale: number): number {
    const finest = this.finest as CodePrecision
    const levels = new Int8Array(this.layout.dim)
    decodeRow(codes, finest, levels)
    this.#longest = Math.max(this.#longest, normOf(levels) * scale)
    const row = this.#free.pop() ?? this.#end++
    this.#putCodes(row, finest, codes, scale)
    this.#addCoarser(row, levels, scale)
    return row
  }

  /** Gives a row's place to the next one that comes. */
  free(row: number): void {
    this.#free.push(row)
    if (this.#free.length < this.#end) return
    this.#free = []
    this.#end = 0
  }

  /**
   * Reads a row back.
   *
   * @returns Components and scale: of float32 rows as they came, of others the levels.
   */
  read(row: number): { readonly values: Float32Array | Int8Array; readonly scale: number } {
    const { values, scale } = this.readKept(row)
    if (!(values instanceof Uint8Array)) return { values, scale }
    const levels = new Int8Array(this.layout.dim)
    decodeRow(values, this.finest as PackedForm, levels)
    return { values: levels, scale }
  }

  /**
   * Reads a row in its finest form, as it can be stored.
   *
   * @param row - Its number.
   */
  readKept(row: number): KeptRow {
    const { dim, float32, int8, packed } = this.layout
    const form = this.finest
    if (isPacked(form)) {
      const { columns, codes, scales } = packed.get(form) as PackedLayout
      const values = new Uint8Array(columns)
      const from = this.#codes(row, codes, columns)
      for (let column = 0; column < columns; column++) values[column] = from[column * GROUP_ROWS] as number
      return { values, scale: this.#floats(row, scales, 1)[0] as number }
    }
    const isFloat = form === 'float32'
    const plane = isFloat ? float32 : int8
    const values = isFloat ? new Float32Array(dim) : new Int8Array(dim)
    const part = (offset: number, length: number): Float32Array | Int8Array =>
      isFloat ? this.#floats(row, offset, length) : this.#levels(row, offset, length)
    const headLength = Math.min(dim, plane.headLength)
    values.set(part(plane.heads, plane.headLength).subarray(0, headLength))
    if (dim > headLength) values.set(part(plane.tails, plane.tailLength).subarray(0, dim - headLength), headLength)
    return { values, scale: this.#floats(row, plane.scales, 1)[0] as number }
  }

  /** Where kernels find queries and leave scores. */
  get scratch(): Scratch {
    return this.#scratch
  }

  /**
   * Gives the scores that the last call of a kernel left.
   *
   * @param count - How many.
   * @returns A view.
   */
  scores(count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#scratch.scores, count)
  }

  /** The whole memory; grows, so nobody may keep it. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer
  }

  /**
   * Finds a block.
   *
   * @param block - Its number.
   */
  blockAddress(block: number): number {
    return this.#firstBlock + block * this.layout.blockBytes
  }

  /**
   * Writes down where rows are, for the kernels that take rows from anywhere.
   *
   * @param rows - At most `MAX_SCORES` rows.
   * @param plane - Which form of them.
   * @param valueBytes - Bytes of a value of that form.
   */
  putPlaces(rows: Int32Array, plane: PlaneLayout, valueBytes: number): void {
    const places = new Uint32Array(this.#memory.buffer, this.#scratch.places, rows.length * PLACE_WORDS)
    const headBytes = plane.headLength * valueBytes
    const tailBytes = plane.tailLength * valueBytes
    for (let index = 0, next = 0; index < rows.length; index++) {
      const row = rows[index] as number
      const base = this.blockAddress(Math.floor(row / BLOCK_ROWS))
      const place = row % BLOCK_ROWS
      places[next++] = base + plane.heads + place * headBytes
      places[next++] = base + plane.tails + place * tailBytes
      places[next++] = base + plane.scales + place * Float32Array.BYTES_PER_ELEMENT
    }
  }

  /**
   * The same for rows of few bits.
   *
   * @param rows - At most `MAX_SCORES` rows.
   */
  putPackedPlaces(rows: Int32Array, { codes, columns, scales }: PackedLayout): void {
    const places = new Uint32Array(this.#memory.buffer, this.#scratch.places, rows.length * PACKED_PLACE_WORDS)
    for (let index = 0, next = 0; index < rows.length; index++) {
      const row = rows[index] as number
      places[next++] = this.#codeAddress(row, codes, columns)
      places[next++] = this.#address(row, scales, Float32Array.BYTES_PER_ELEMENT)
    }
  }

  #addCoarser(row: number, values: Float32Array | Int8Array, scale: number): void {
    for (const form of this.layout.forms.slice(1)) this.#encode(row, form as CodePrecision, values, scale)
  }

  #encode(row: number, form: CodePrecision, values: Float32Array | Int8Array, scale: number): void {
    const { dim } = this.layout
    const codes = form === 'int8' ? new Int8Array(dim) : new Uint8Array(codeBytes(form, dim))
    this.#putCodes(row, form, codes, encodeRow(values, form, codes) * scale)
  }

  #putCodes(row: number, form: CodePrecision, codes: Int8Array | Uint8Array, scale: number): void {
    const { int8, packed } = this.layout
    if (form === this.finest) this.#largestScale = Math.max(this.#largestScale, scale)
    if (form === 'int8') {
      splitInto(codes as Int8Array, int8, (offset, length) => this.#levels(row, offset, length))
      this.#floats(row, int8.scales, 1)[0] = scale
      return
    }
    const plane = packed.get(form) as PackedLayout
    const target = this.#codes(row, plane.codes, plane.columns)
    for (let column = 0; column < plane.columns; column++) target[column * GROUP_ROWS] = codes[column] as number
    this.#floats(row, plane.scales, 1)[0] = scale
  }

  #floats(row: number, offset: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#address(row, offset, length * 4), length)
  }

  #levels(row: number, offset: number, length: number): Int8Array {
    return new Int8Array(this.#memory.buffer, this.#address(row, offset, length), length)
  }

  /** From the first byte of a row to its last, {@link GROUP_ROWS} apart. */
  #codes(row: number, offset: number, columns: number): Uint8Array {
    const length = (columns - 1) * GROUP_ROWS + 1
    return new Uint8Array(this.#memory.buffer, this.#codeAddress(row, offset, columns), length)
  }

  #codeAddress(row: number, offset: number, columns: number): number {
    const lane = row % GROUP_ROWS
    return this.#address(row - lane, offset, columns) + lane
  }

  #address(row: number, offset: number, bytes: number): number {
    return this.blockAddress(Math.floor(row / BLOCK_ROWS)) + offset + (row % BLOCK_ROWS) * bytes
  }
}

/** Writes a row in two parts; what is behind its end becomes 0, as an older row may have been there. */
function splitInto<T extends Float32Array | Int8Array>(
  values: T,
  { heads, headLength, tails, tailLength }: PlaneLayout,
  part: (offset: number, length: number) => T,
): void {
  part(heads, headLength).fill(0).set(values.subarray(0, headLength))
  if (tailLength > 0) part(tails, tailLength).fill(0).set(values.subarray(headLength))
}
