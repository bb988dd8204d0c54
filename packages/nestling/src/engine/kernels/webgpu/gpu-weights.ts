import type { LinearSpec, NormSpec, WeightRef } from '../../../model/encoder-spec.js'
import { rowsOf } from '../../../model/weights/weight-rows.js'
import { EmbedderError } from '../../../wire/embedder-error.js'
import { toFloat16Bits } from '../../float16.js'
import { toFloat32 } from '../../weight-values.js'
import type { WeightKind } from './shaders/product.js'
import { TABLE_KINDS } from './shaders/rows.js'

/** Linear layers over one input, side by side, as the kernels read them. */
export interface GpuLinear {
  readonly kind: WeightKind
  readonly weights: GPUBuffer
  /** Biases, then the scales of int8 weights. */
  readonly columns: GPUBuffer
  /** Words of four inputs. */
  readonly depth: number
  /** Words of four columns, those that fill up included: an even number. */
  readonly words: number
}

/** Some rows of a table: all, unless it is larger than a binding may be. */
export interface GpuTablePart {
  readonly values: GPUBuffer
  /** Of each row; nothing is read of it where the values are floats. */
  readonly scales: GPUBuffer
  readonly firstRow: number
  readonly rows: number
}

/** A table of rows. */
export interface GpuTable {
  readonly kind: number
  /** Words of four columns. */
  readonly words: number
  readonly parts: readonly GpuTablePart[]
}

/** How the columns of linear layers, or what goes into them, lie in the kernels' rows. */
export interface ColumnGroups {
  /** Columns that stay together, such as a head. */
  readonly size: number
  /** Columns that a group takes; those behind `size` are 0. */
  readonly padded: number
}

/** What `GpuWeights.linear` is told. */
export interface LinearOptions {
  readonly kind: WeightKind
  /** How columns are grouped. */
  readonly groups?: ColumnGroups
  /** How inputs are grouped. */
  readonly inputGroups?: ColumnGroups
  /** Whether the words of two layers alternate. */
  readonly isInterleaved?: boolean
}

/** Rows of a weight in int8. */
interface Int8Rows {
  readonly values: Int8Array
  readonly scales: Float32Array
}

/** Bytes of a float32. */
const FLOAT = 4

const words = (columns: number): number => Math.ceil(columns / 4)

/** Puts weights into GPU memory as they are computed with, each once. */
export class GpuWeights {
  readonly #device: GPUDevice
  readonly #files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  /** ALBERT's layers share their weights. */
  readonly #linears = new Map<string, GpuLinear>()
  readonly #buffers: GPUBuffer[] = []
  /** Bound where a kernel has nothing to read. */
  readonly none: GPUBuffer

  /**
   * Prepares; nothing is copied yet.
   *
   * @param files - Bytes of the safetensors files.
   */
  constructor(device: GPUDevice, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) {
    this.#device = device
    this.#files = files
    this.none = this.#create('none', 64)
    this.none.unmap()
  }

  /** Bytes of GPU memory that are in use. */
  get byteLength(): number {
    return this.#buffers.reduce((sum, { size }) => sum + size, 0)
  }

  /** Frees all. */
  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy()
  }

  /**
   * Puts linear layers over one input side by side.
   *
   * @throws {EmbedderError} `out-of-memory` if they are larger than a binding may be.
   */
  linear(linears: readonly LinearSpec[], options: LinearOptions): GpuLinear {
    const key = `${options.kind} ${linears.map(({ weight }) => `${weight.file} ${weight.offset}`).join()}`
    let packed = this.#linears.get(key)
    if (packed === undefined) {
      packed = this.#packLinear(linears, options)
      this.#linears.set(key, packed)
    }
    return packed
  }

  /**
   * Puts the factors and offsets of norms one behind the other, each filled up with zeros.
   *
   * @param padding - Whether each is filled up to whole words.
   */
  norms(norms: readonly (NormSpec | undefined)[], columns: number, padding: boolean): GPUBuffer {
    const width = padding ? 4 * words(columns) : columns
    const values = new Float32Array(2 * width * norms.length)
    norms.forEach((norm, place) => {
      if (norm === undefined) return
      const shift = norm.isWeightShifted === true ? 1 : 0
      const factors = this.floatsOf(norm.weight)
      for (let i = 0; i < columns; i++) values[2 * place * width + i] = (factors[i] as number) + shift
      if (norm.bias !== undefined) values.set(this.floatsOf(norm.bias), (2 * place + 1) * width)
    })
    return this.floats('norms', values)
  }

  /**
   * Puts a table, cut into parts where it is larger than a binding may be.
   *
   * @param table - The table, `[rows, columns]`; stays as it is stored, but for floats that the layers have in a smaller kind.
   */
  table(table: WeightRef, kind: WeightKind): GpuTable {
    const { rows, columns } = sizeOf(table)
    const stored =
      table.dtype === 'I8' || kind === 'q8' ? 'int8' : table.dtype === 'F16' || kind === 'fp16' ? 'fp16' : 'fp32'
    const width = 4 * words(columns)
    const rowBytes = width * { int8: 1, fp16: 2, fp32: FLOAT }[stored]
    const rowsOfPart = Math.min(rows, Math.floor(this.#device.limits.maxStorageBufferBindingSize / rowBytes))
    const parts: GpuTablePart[] = []
    for (let firstRow = 0; firstRow < rows; firstRow += rowsOfPart) {
      const count = Math.min(rowsOfPart, rows - firstRow)
      parts.push({ ...this.#tablePart(partOf(table, firstRow, count), stored, width), firstRow, rows: count })
    }
    return { kind: TABLE_KINDS[stored], words: width / 4, parts }
  }

  /** Puts rows of float32, filled up to whole words, with a row of another table added to each. */
  rows(table: WeightRef | undefined, added: WeightRef | undefined, columns: number): GPUBuffer {
    const width = 4 * words(columns)
    const source = table === undefined ? new Float32Array(columns) : this.floatsOf(table)
    const offsets = added === undefined ? undefined : this.floatsOf(added)
    const count = source.length / columns
    const values = new Float32Array(count * width)
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < columns; i++) {
        values[row * width + i] = (source[row * columns + i] as number) + (offsets?.[i] ?? 0)
      }
    }
    return this.floats('positions', values)
  }

  /** Puts numbers of float32. */
  floats(label: string, values: Float32Array): GPUBuffer {
    const buffer = this.#create(label, values.byteLength)
    new Float32Array(buffer.getMappedRange()).set(values)
    buffer.unmap()
    return buffer
  }

  #packLinear(linears: readonly LinearSpec[], options: LinearOptions): GpuLinear {
    const { kind, groups, inputGroups, isInterleaved = false } = options
    const { columns: inputs } = sizeOf((linears[0] as LinearSpec).weight)
    const depthOf = placesOf(inputs, inputGroups)
    const depth = words(depthOf.end)
    const layers = linears.map(({ weight }) => placesOf(sizeOf(weight).rows, groups))
    const widths = layers.map(({ end }) => words(end))
    const all = 2 * Math.ceil(widths.reduce((sum, width) => sum + width, 0) / 2)
    const columns = new Float32Array(4 * all * (kind === 'q8' ? 2 : 1))
    const bytes = { q8: 1, fp16: 2, fp32: FLOAT }[kind]
    const buffer = this.#create(linears[0]?.weight.name ?? '', 4 * depth * 4 * all * bytes)
    const range = buffer.getMappedRange()
    let first = 0
    linears.forEach(({ weight, bias }, index) => {
      const { places } = layers[index] as Places
      // Words of two layers alternate, or a layer's follow those of the one before.
      const targets = places.map((place) =>
        isInterleaved ? 8 * (place >> 2) + 4 * index + (place & 3) : 4 * first + place,
      )
      first += widths[index] as number
      const target = { range, columns: 4 * all, rows: targets, depths: depthOf.places }
      if (kind === 'q8') {
        const { values, scales } = this.#int8Of(weight)
        transpose(values, new Int8Array(range), target)
        targets.forEach((column, row) => (columns[4 * all + column] = scales[row] as number))
      } else {
        const values = this.floatsOf(weight)
        if (kind === 'fp16') transpose(toFloat16Bits(values), new Uint16Array(range), target)
        else transpose(values, new Float32Array(range), target)
      }
      if (bias === undefined) return
      const biases = this.floatsOf(bias)
      targets.forEach((column, row) => (columns[column] = biases[row] as number))
    })
    buffer.unmap()
    return { kind, weights: buffer, columns: this.floats('columns', columns), depth, words: all }
  }

  #tablePart(
    table: WeightRef,
    stored: 'int8' | 'fp16' | 'fp32',
    width: number,
  ): Pick<GpuTablePart, 'values' | 'scales'> {
    const { rows, columns } = sizeOf(table)
    const bytes = { int8: 1, fp16: 2, fp32: FLOAT }[stored]
    const values = this.#create(table.name, rows * width * bytes)
    const range = values.getMappedRange()
    let scales = this.none
    const copy = (
      source: Int8Array | Uint16Array | Float32Array,
      target: Int8Array | Uint16Array | Float32Array,
    ): void => {
      if (columns === width) target.set(source)
      else
        for (let row = 0; row < rows; row++)
          target.set(source.subarray(row * columns, (row + 1) * columns), row * width)
    }
    if (stored === 'int8') {
      const part = this.#int8Of(table)
      copy(part.values, new Int8Array(range))
      scales = this.floats('scales', part.scales)
    } else if (stored === 'fp32') copy(this.floatsOf(table), new Float32Array(range))
    else copy(this.#float16Of(table), new Uint16Array(range))
    values.unmap()
    return { values, scales }
  }

  #float16Of(weight: WeightRef): Uint16Array {
    if (weight.dtype !== 'F16') return toFloat16Bits(this.floatsOf(weight))
    return new Uint16Array(this.#bytesOf(weight).slice().buffer)
  }

  #int8Of(weight: WeightRef): Int8Rows {
    const { rows, columns } = sizeOf(weight)
    if (weight.dtype === 'I8' && weight.scale !== undefined) {
      const bytes = this.#bytesOf(weight)
      const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      return { values, scales: this.floatsOf(weight.scale) }
    }
    return quantize(this.floatsOf(weight), rows, columns)
  }

  /** Gives a weight in float32. */
  floatsOf(weight: WeightRef): Float32Array<ArrayBuffer> {
    return toFloat32(weight, this.#fileOf(weight))
  }

  #bytesOf(weight: WeightRef): Uint8Array<ArrayBuffer> {
    return this.#fileOf(weight).subarray(weight.offset, weight.offset + weight.byteLength)
  }

  #fileOf({ file }: WeightRef): Uint8Array<ArrayBuffer> {
    const bytes = this.#files.get(file)
    if (bytes === undefined) throw new Error(`Cannot find the bytes of ${file}`)
    return bytes
  }

  #create(label: string, byteLength: number): GPUBuffer {
    const size = Math.max(16, 16 * Math.ceil(byteLength / 16))
    const { maxStorageBufferBindingSize: limit } = this.#device.limits
    if (size > limit) throw tooLarge(label, size, limit)
    const buffer = this.#device.createBuffer({ label, size, usage: GPUBufferUsage.STORAGE, mappedAtCreation: true })
    this.#buffers.push(buffer)
    return buffer
  }
}

function tooLarge(label: string, size: number, limit: number): EmbedderError {
  return new EmbedderError(
    'out-of-memory',
    `Cannot put ${label} into GPU memory as a buffer may have at most ${limit} bytes here: it needs ${size}\nLoad with device: 'wasm', or with a smaller dtype`,
    { details: { label, size, limit } },
  )
}

/** Where columns go. */
interface Places {
  readonly places: readonly number[]
  /** Columns that are taken, those of the last group's end included. */
  readonly end: number
}

function placesOf(count: number, groups: ColumnGroups = { size: count, padded: count }): Places {
  const { size, padded } = groups
  const places = Array.from({ length: count }, (_, column) => Math.floor(column / size) * padded + (column % size))
  return { places, end: Math.ceil(count / size) * padded }
}

/** Where a transposed weight goes: a target column for each row, a depth for each column. */
interface TransposeTarget {
  readonly columns: number
  readonly rows: readonly number[]
  readonly depths: readonly number[]
}

/** Rows that are transposed at a time: they and what is written stay in the cache. */
const ROWS = 16

function transpose<T extends Int8Array | Uint16Array | Float32Array>(
  source: T,
  target: T,
  { columns, rows, depths }: TransposeTarget,
): void {
  const { length } = depths
  for (let first = 0; first < rows.length; first += ROWS) {
    const last = Math.min(first + ROWS, rows.length)
    for (let k = 0; k < length; k++) {
      const start = (depths[k] as number) * columns
      for (let row = first; row < last; row++) {
        target[start + (rows[row] as number)] = source[row * length + k] as number
      }
    }
  }
}

/** @see `kernels/quantize.ts`, which does the same for the WASM kernels. */
function quantize(source: Float32Array, rows: number, columns: number): Int8Rows {
  const values = new Int8Array(source.length)
  const scales = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    const start = row * columns
    let most = 0
    for (let i = start; i < start + columns; i++) most = Math.max(most, Math.abs(source[i] as number))
    const factor = most === 0 ? 0 : 127 / most
    for (let i = start; i < start + columns; i++) values[i] = Math.round((source[i] as number) * factor)
    scales[row] = most / 127
  }
  return { values, scales }
}

function partOf(table: WeightRef, first: number, rows: number): WeightRef {
  return first === 0 && rows === sizeOf(table).rows ? table : rowsOf(table, first, rows)
}

function sizeOf({ shape }: WeightRef): { readonly rows: number; readonly columns: number } {
  const [rows = 1, columns = 1] = shape
  return { rows, columns }
}
