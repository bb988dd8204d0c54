import type { EncoderSpec, RelativeBiasSpec } from '../../model/encoder-spec.js'
import { distanceBucket } from '../distance-bucket.js'
import type { Pointer } from './kernel-exports.js'
import { align, type KernelMemory } from './kernel-memory.js'
import type { PackedEncoder } from './packed-encoder.js'
import { paddedDepth, rangeBlocks, type PackedLinear } from './packed-weights.js'
import type { ComputeRoom } from './scratch-room.js'

/** StridedRows that go through a layer's products together: their int8 inputs (24 kB at 384) stay in the first cache. */
export const BLOCK_ROWS = 64

/** StridedRows of floats, one behind the other. */
export interface StridedRows {
  readonly pointer: Pointer
  /** Bytes from row to row. */
  readonly stride: number
}

/** What a run has to have room for. */
export interface RunSize {
  readonly tokens: number
  readonly texts: number
  /** Tokens of the longest text. */
  readonly longest: number
}

/** Buffers of a run. */
export interface Buffers {
  readonly ids: Pointer
  readonly positions: Pointer
  /** Each token's place in its text. */
  readonly places: Pointer
  readonly hidden: StridedRows
  /** Queries, keys and values. */
  readonly heads: StridedRows
  /** What attention gives. */
  readonly context: StridedRows
  /** Of a block: a normalised input, the result of a half, and the inner components of a feed-forward. */
  readonly input: StridedRows
  readonly result: StridedRows
  readonly inner: StridedRows
  readonly quantized: Pointer
  readonly ranges: Pointer
  readonly packedKeys: Pointer
  readonly scores: Pointer
  /** Scores by distance: a row a head, with distance 0 in its middle. */
  readonly biases: StridedRows & { readonly middle: number }
  readonly rotaries: readonly { readonly cosines: Pointer; readonly sines: Pointer }[]
  readonly poolWeights: Pointer
  readonly pooled: StridedRows
  readonly vectors: StridedRows
  readonly end: Pointer
}

/** The model's sizes that buffers depend on. */
export interface ScratchFacts {
  readonly spec: EncoderSpec
  readonly packed: PackedEncoder
  /** Scores by distance, `[rows, heads]`, where the model has them. */
  readonly biasTable: Float32Array | undefined
}

/** Lays out the buffers of runs in a room: once, until a run needs more. */
export class Scratch {
  readonly #memory: KernelMemory
  readonly #room: ComputeRoom
  readonly #facts: ScratchFacts
  #size: RunSize = { tokens: 0, texts: 0, longest: 0 }
  #buffers: Buffers | undefined

  /**
   * Prepares; nothing is taken yet.
   *
   * @param memory - The memory, with the weights in it.
   * @param room - Gives room in it.
   * @param facts - The model's sizes.
   */
  constructor(memory: KernelMemory, room: ComputeRoom, facts: ScratchFacts) {
    this.#memory = memory
    this.#room = room
    this.#facts = facts
  }

  /**
   * Gives the buffers of a run.
   *
   * @param size - What they must hold.
   * @returns The buffers, uninitialised.
   * @throws {EmbedderError} `out-of-memory` if there is no room.
   */
  buffersOf(size: RunSize): Buffers {
    const { tokens, texts, longest } = this.#size
    const fits = size.tokens <= tokens && size.texts <= texts && size.longest <= longest
    if (fits && this.#buffers !== undefined) return this.#buffers
    const next = {
      tokens: Math.max(tokens, size.tokens),
      texts: Math.max(texts, size.texts),
      longest: Math.max(longest, size.longest),
    }
    this.#buffers = undefined
    const start = this.#room.take(layOut(0, next, this.#facts).end)
    const buffers = layOut(start, next, this.#facts)
    this.#fillTables(buffers, next.longest)
    this.#size = next
    this.#buffers = buffers
    return buffers
  }

  #fillTables(buffers: Buffers, longest: number): void {
    const { spec, biasTable } = this.#facts
    spec.rotaries.forEach(({ inverseFrequencies, attentionFactor = 1 }, index) => {
      const { cosines = 0, sines = 0 } = buffers.rotaries[index] ?? {}
      const length = longest * inverseFrequencies.length
      const angles = Float64Array.from({ length }, (_, at) => {
        const frequency = inverseFrequencies[at % inverseFrequencies.length] ?? 0
        return Math.floor(at / inverseFrequencies.length) * frequency
      })
      this.#memory.floats(cosines, length).set(angles.map((angle) => attentionFactor * Math.cos(angle)))
      this.#memory.floats(sines, length).set(angles.map((angle) => attentionFactor * Math.sin(angle)))
    })
    if (spec.relativeBias === undefined || biasTable === undefined) return
    const { pointer, stride, middle } = buffers.biases
    const heads = spec.layers[0]?.attention.heads ?? 0
    const floats = this.#memory.floats(pointer, (heads * stride) / 4)
    fillBiases(floats, { relative: spec.relativeBias, table: biasTable, heads, longest, width: stride / 4, middle })
  }
}

interface BiasOptions {
  readonly relative: RelativeBiasSpec
  readonly table: Float32Array
  readonly heads: number
  readonly longest: number
  readonly width: number
  readonly middle: number
}

function fillBiases(floats: Float32Array, options: BiasOptions): void {
  const { relative, table, heads, longest, width, middle } = options
  floats.fill(0)
  for (let distance = 1 - longest; distance < longest; distance++) {
    const bucket = distanceBucket(distance, relative.buckets, relative.maxDistance)
    for (let head = 0; head < heads; head++) {
      floats[head * width + middle + distance] = table[bucket * heads + head] as number
    }
  }
}

/** Floats of a row with room for what kernels write and read behind its end. */
const rowBytes = (columns: number): number => align((columns + 8) * 4)

/** Takes room piece by piece. */
class Layout {
  end: Pointer

  constructor(start: Pointer) {
    this.end = start
  }

  take(byteLength: number): Pointer {
    const pointer = this.end
    this.end = align(pointer + byteLength)
    return pointer
  }

  rows(count: number, columns: number): StridedRows {
    const stride = rowBytes(columns)
    return { pointer: this.take(count * stride), stride }
  }
}

function layOut(start: Pointer, { tokens, texts, longest }: RunSize, facts: ScratchFacts): Buffers {
  const { spec, packed } = facts
  const layout = new Layout(start)
  // Kernels work on 4 rows at a time from wherever a text starts, and read 7 keys behind its end.
  const rows = tokens + 8
  const linears = linearsOf(packed)
  const widest = Math.max(0, ...linears.map(paddedDepth))
  const most = (of: (layer: PackedEncoder['layers'][number]) => number): number => Math.max(0, ...packed.layers.map(of))
  const width = Math.max(spec.hiddenSize, packed.embeddings.word.columns)
  const vectorWidth = Math.max(spec.hiddenSize * spec.pooling.modes.length, ...tailWidths(packed))
  const keys = Math.ceil(longest / 8) * 8
  const heads = spec.layers[0]?.attention.heads ?? 0
  const biasWidth = spec.relativeBias === undefined ? 0 : 2 * keys + 16
  const buffers = {
    ids: layout.take(rows * 4),
    positions: layout.take(rows * 4),
    places: layout.take(rows * 4),
    hidden: layout.rows(rows, spec.hiddenSize),
    heads: layout.rows(
      rows,
      most(({ attention }) => attention.input.columns),
    ),
    context: layout.rows(
      rows,
      most(({ attention: { spec: it } }) => it.heads * it.headDim),
    ),
    input: layout.rows(BLOCK_ROWS, width),
    result: layout.rows(BLOCK_ROWS, spec.hiddenSize),
    inner: layout.rows(
      BLOCK_ROWS,
      most(({ feedForward }) => feedForward.input.columns),
    ),
    // Two bytes each where relaxed SIMD is missing.
    quantized: layout.take(BLOCK_ROWS * widest * 2),
    ranges: layout.take(BLOCK_ROWS * 8 * Math.max(0, ...linears.map(rangeBlocks))),
    packedKeys: layout.take(keys * most(({ attention }) => attention.spec.headDim + 4) * 4),
    scores: layout.take(16 * keys * 4 + 64),
    biases: { pointer: layout.take(heads * biasWidth * 4), stride: biasWidth * 4, middle: keys },
    rotaries: spec.rotaries.map(({ inverseFrequencies: { length } }) => ({
      cosines: layout.take(longest * length * 4),
      sines: layout.take(longest * length * 4),
    })),
    poolWeights: layout.take(rows * 4),
    pooled: layout.rows(texts + 4, vectorWidth),
    vectors: layout.rows(texts + 4, vectorWidth),
  }
  return { ...buffers, end: layout.end }
}

function linearsOf({ embeddings, layers }: PackedEncoder): PackedLinear[] {
  const inLayers = layers.flatMap(({ attention, feedForward }) => [
    attention.input,
    attention.output,
    feedForward.input,
    feedForward.down,
  ])
  return embeddings.projection === undefined ? inLayers : [embeddings.projection, ...inLayers]
}

function tailWidths({ tail }: PackedEncoder): number[] {
  return tail.map((module) => (module.kind === 'dense' ? module.linear.columns : 0))
}
