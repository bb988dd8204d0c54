import type { LinearSpec, NormSpec, WeightRef } from '../../model/encoder-spec.js'
import { toFloat32 } from '../weight-values.js'
import type { KernelExports, Pointer } from './kernel-exports.js'
import type { KernelMemory } from './kernel-memory.js'

/** What the layers' products are computed in. */
export type KernelDtype = 'fp32' | 'q8'

/** Linear layers over one input, side by side, as the kernels read them. */
export interface PackedLinear {
  readonly dtype: KernelDtype
  readonly weights: Pointer
  /** Scale of each column, where the weights are int8. */
  readonly factors: Pointer
  /** Sums of each column's weights by blocks of depth. */
  readonly totals: Pointer
  readonly biases: Pointer
  /** Inputs. */
  readonly depth: number
  /** First column of each layer; a multiple of 8. */
  readonly starts: readonly number[]
  /** Columns of all, with those that fill up. */
  readonly columns: number
}

/** A norm as the kernels read it. */
export interface PackedNorm {
  readonly kind: NormSpec['kind']
  readonly columns: number
  readonly factors: Pointer
  readonly offsets: Pointer
  readonly epsilon: number
}

/** A table of rows: float32, or int8 with a scale a row. */
export interface PackedTable {
  readonly values: Pointer
  /** 0 where the values are float32. */
  readonly scales: Pointer
  readonly columns: number
}

/** Packs columns in eights. */
const COLUMNS = 8
/** The int8 kernels read inputs in sixteens. */
const DEPTH = 16
/** Inputs that share a range, see `kernels/quantize.ts`. */
const BLOCK = 128

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit

/**
 * Inputs that the weights of a layer have room for.
 *
 * @returns A multiple of 16.
 */
export function paddedDepth({ depth }: Pick<PackedLinear, 'depth'>): number {
  return roundUp(depth, DEPTH)
}

/**
 * Blocks of a layer's inputs that are quantised together.
 *
 * @returns How many there are.
 */
export function rangeBlocks({ depth }: Pick<PackedLinear, 'depth'>): number {
  return Math.ceil(depth / BLOCK)
}

/** Copies a model's weights into the kernels' memory, in their order: once, each weight once. */
export class WeightPacker {
  readonly #kernels: KernelExports
  readonly #memory: KernelMemory
  readonly #files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  /** ALBERT's layers share their weights. */
  readonly #packed = new Map<string, PackedLinear>()

  /**
   * Prepares; nothing is copied yet.
   *
   * @param kernels - The module.
   * @param files - Bytes of the safetensors files.
   */
  constructor(kernels: KernelExports, memory: KernelMemory, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) {
    this.#kernels = kernels
    this.#memory = memory
    this.#files = files
  }

  /**
   * Packs linear layers over one input side by side.
   *
   * @param dtype - What they are computed in.
   */
  linear(linears: readonly LinearSpec[], dtype: KernelDtype): PackedLinear {
    const key = `${dtype} ${linears.map(({ weight }) => `${weight.file} ${weight.offset}`).join()}`
    let packed = this.#packed.get(key)
    if (packed === undefined) {
      packed = this.#packLinear(linears, dtype)
      this.#packed.set(key, packed)
    }
    return packed
  }

  /** Packs a norm. */
  norm(norm: NormSpec): PackedNorm {
    const factors = toFloat32(norm.weight, this.#fileOf(norm.weight))
    if (norm.isWeightShifted === true) factors.forEach((value, index) => (factors[index] = value + 1))
    const offsets =
      norm.bias === undefined ? new Float32Array(factors.length) : toFloat32(norm.bias, this.#fileOf(norm.bias))
    return {
      kind: norm.kind,
      columns: factors.length,
      factors: this.#keep(factors),
      offsets: this.#keep(offsets),
      epsilon: norm.epsilon,
    }
  }

  /**
   * Packs a table of rows.
   *
   * @param table - The table, `[rows, columns]`.
   * @param dtype - `q8` stores float32 rows in int8; int8 rows stay what they are.
   */
  table(table: WeightRef, dtype: KernelDtype): PackedTable {
    const { rows, columns } = sizeOf(table)
    const isInt8 = table.dtype === 'I8' || dtype === 'q8'
    const values = this.#memory.reserve(rows * columns * (isInt8 ? 1 : 4))
    if (!isInt8) {
      this.#writeFloat32(table, values)
      return { values, scales: 0, columns }
    }
    const scales = this.#memory.reserve(rows * 4)
    this.#writeInt8(table, values, scales)
    return { values, scales, columns }
  }

  /** Keeps a weight as float32. */
  floats(weight: WeightRef): Pointer {
    return this.#keep(toFloat32(weight, this.#fileOf(weight)))
  }

  #packLinear(linears: readonly LinearSpec[], dtype: KernelDtype): PackedLinear {
    const { columns: depth } = sizeOf((linears[0] as LinearSpec).weight)
    const starts: number[] = []
    let columns = 0
    for (const { weight } of linears) {
      starts.push(columns)
      columns += roundUp(sizeOf(weight).rows, COLUMNS)
    }
    const blocks = rangeBlocks({ depth })
    const columnBytes = dtype === 'q8' ? roundUp(depth, DEPTH) : depth * 4
    const packed: PackedLinear = {
      dtype,
      weights: this.#memory.reserve(columns * columnBytes),
      factors: this.#memory.reserve(columns * 4),
      totals: this.#memory.reserve(columns * blocks * 4),
      biases: this.#memory.reserve(columns * 4),
      depth,
      starts,
      columns,
    }
    const biases = new Float32Array(columns)
    linears.forEach(({ weight, bias }, index) => {
      const start = starts[index] as number
      const target = packed.weights + start * columnBytes
      if (dtype === 'q8') this.#packInt8(weight, target, packed.factors + start * 4, packed.totals + start * blocks * 4)
      else this.#packFloat32(weight, target)
      if (bias !== undefined) biases.set(toFloat32(bias, this.#fileOf(bias)), start)
    })
    this.#memory.write(packed.biases, new Uint8Array(biases.buffer))
    return packed
  }

  #packInt8(weight: WeightRef, target: Pointer, factors: Pointer, totals: Pointer): void {
    const { rows, columns } = sizeOf(weight)
    const scales = this.#memory.end
    const values = scales + roundUp(rows * 4, DEPTH)
    this.#memory.ensure(values + rows * columns)
    this.#writeInt8(weight, values, scales)
    this.#kernels.packInt8(values, scales, rows, columns, target, factors, totals)
  }

  #packFloat32(weight: WeightRef, target: Pointer): void {
    const { rows, columns } = sizeOf(weight)
    const source = this.#memory.end
    this.#memory.ensure(source + rows * columns * 4)
    this.#writeFloat32(weight, source)
    this.#kernels.packFloat32(source, rows, columns, target)
  }

  /** Writes int8 rows and their scales; what lies above the memory's end may be used. */
  #writeInt8(weight: WeightRef, values: Pointer, scales: Pointer): void {
    const { rows, columns } = sizeOf(weight)
    if (weight.dtype === 'I8' && weight.scale !== undefined) {
      this.#memory.write(values, this.#bytesOf(weight))
      const factors = toFloat32(weight.scale, this.#fileOf(weight.scale))
      this.#memory.write(scales, new Uint8Array(factors.buffer))
      return
    }
    const source = roundUp(Math.max(this.#memory.end, values + rows * columns, scales + rows * 4), DEPTH)
    this.#memory.ensure(source + rows * columns * 4)
    this.#writeFloat32(weight, source)
    this.#kernels.quantizeWeights(source, rows, columns, values, scales)
  }

  #writeFloat32(weight: WeightRef, target: Pointer): void {
    const bytes =
      weight.dtype === 'F32' ? this.#bytesOf(weight) : new Uint8Array(toFloat32(weight, this.#fileOf(weight)).buffer)
    this.#memory.write(target, bytes)
  }

  #keep(values: Float32Array<ArrayBuffer>): Pointer {
    const pointer = this.#memory.reserve(values.byteLength)
    this.#memory.write(pointer, new Uint8Array(values.buffer))
    return pointer
  }

  #bytesOf(weight: WeightRef): Uint8Array {
    return this.#fileOf(weight).subarray(weight.offset, weight.offset + weight.byteLength)
  }

  #fileOf({ file }: WeightRef): Uint8Array<ArrayBuffer> {
    const bytes = this.#files.get(file)
    if (bytes === undefined) throw new Error(`Cannot find the bytes of ${file}`)
    return bytes
  }
}

function sizeOf({ shape }: WeightRef): { readonly rows: number; readonly columns: number } {
  const [rows = 1, columns = 1] = shape
  return { rows, columns }
}
