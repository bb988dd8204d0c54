import { normOf } from '@nestling/kit/math/norm'
import { packSigns } from '@nestling/kit/math/pack-signs'
import { failure } from '../wire/failure.js'
import { startKernels, type Kernels } from './row-kernels.js'
import { quantizeRow } from './quantize-row.js'
import { BLOCK_ROWS, planRows, roundUp, type PlaneLayout, type RowForms, type RowLayout } from './row-layout.js'

const PAGE_BYTES = 65_536

/** All that a memory of 32-bit addresses can have. */
const MAX_PAGES = 65_536

/** Addresses below are left alone: nothing of ours is at 0. */
const FIRST_BYTE = 1024

/** Rows that a call of the kernels may score: one block, or one portion of a shortlist. */
export const MAX_SCORES = 4096

/** Addresses of a row's head, tail and scale. */
const PLACE_WORDS = 3

/** Where queries and scores are. */
interface Scratch {
  readonly float32: number
  readonly int16: number
  readonly bits: number
  readonly places: number
  readonly scores: number
  readonly end: number
}

/** What is known of a row when it comes. */
export interface NewRow {
  /** Its components, as they were given. */
  readonly values: Float32Array
  /** What its scores are multiplied with. */
  readonly scale: number
  /** Its length. */
  readonly norm: number
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

  /** Bytes of one row in every form that is kept of it, without padding and scales. */
  get keptBytes(): number {
    const { dim, forms } = this.layout
    return (forms.float32 ? 4 * dim : 0) + (forms.int8 ? dim : 0) + (forms.bits ? Math.ceil(dim / 8) : 0)
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
      throw failure('out-of-memory', `${message}\nUse precision: 'int8' or a smaller dim`, {
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
    const { forms, float32, bits } = this.layout
    this.#longest = Math.max(this.#longest, norm * scale)
    const row = this.#free.pop() ?? this.#end++
    if (forms.float32) {
      splitInto(values, float32, (offset, length) => this.#floats(row, offset, length))
      this.#floats(row, float32.scales, 1)[0] = scale
    }
    if (forms.int8) {
      const levels = new Int8Array(values.length)
      this.#putLevels(row, levels, quantizeRow(values, levels) * scale)
    }
    if (forms.bits) packSigns(values, this.#bytes(row, bits.offset, bits.length))
    return row
  }

  /**
   * Keeps a row that is int8 already, in an index that has no float32 rows.
   *
   * @param scale - What their scores are multiplied with.
   * @returns Its number.
   */
  addLevels(levels: Int8Array, scale: number): number {
    const { forms, bits } = this.layout
    this.#longest = Math.max(this.#longest, normOf(levels) * scale)
    const row = this.#free.pop() ?? this.#end++
    this.#putLevels(row, levels, scale)
    if (forms.bits) packSigns(levels, this.#bytes(row, bits.offset, bits.length))
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
   * @returns Components and scale: of float32 rows as they came, of int8 rows the levels.
   */
  read(row: number): { readonly values: Float32Array | Int8Array; readonly scale: number } {
    const { dim, forms, float32, int8 } = this.layout
    const plane = forms.float32 ? float32 : int8
    const values = forms.float32 ? new Float32Array(dim) : new Int8Array(dim)
    const part = (offset: number, length: number): Float32Array | Int8Array =>
      forms.float32 ? this.#floats(row, offset, length) : this.#levels(row, offset, length)
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
   * @param rows - At most {@link MAX_SCORES} rows.
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

  #putLevels(row: number, levels: Int8Array, scale: number): void {
    const { int8 } = this.layout
    splitInto(levels, int8, (offset, length) => this.#levels(row, offset, length))
    this.#floats(row, int8.scales, 1)[0] = scale
  }

  #floats(row: number, offset: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#address(row, offset, length * 4), length)
  }

  #levels(row: number, offset: number, length: number): Int8Array {
    return new Int8Array(this.#memory.buffer, this.#address(row, offset, length), length)
  }

  #bytes(row: number, offset: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#address(row, offset, length), length)
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

function planScratch({ float32, int8, bits }: RowLayout): Scratch {
  let end = FIRST_BYTE
  const take = (bytes: number): number => {
    const start = end
    end += roundUp(bytes, 16)
    return start
  }
  return {
    float32: take((float32.headLength + float32.tailLength) * 4),
    int16: take((int8.headLength + int8.tailLength) * 2),
    bits: take(bits.length),
    places: take(MAX_SCORES * PLACE_WORDS * 4),
    scores: take(MAX_SCORES * 4),
    end,
  }
}
