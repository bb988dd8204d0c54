import type { RotarySpec } from '../../../model/encoder-spec.js'

/** Words of four that a row of each buffer takes; 0 where the encoder has no use for it. */
export interface GpuWidths {
  /** Of each token: hidden states, the same normalised, the result of a half layer. */
  readonly hidden: number
  readonly input: number
  readonly result: number
  /** Of each token: queries, keys and values, then the inner components of a feed-forward. */
  readonly wide: number
  /** Of each token: what attention gives. */
  readonly context: number
  /** Of each text. */
  readonly pooled: number
  readonly vectors: number
}

/** A buffer that grows with runs: rows, cosines and sines of a rotary embedding, or what nobody reads. */
export type GpuScratchName = keyof GpuWidths | `turns ${number}` | 'spare'

/** What buffers must hold. */
export interface GpuCapacity {
  /** Tokens. */
  readonly rows: number
  readonly texts: number
  /** Tokens of the longest text. */
  readonly longest: number
  /** Words that a run is told. */
  readonly words: number
}

/** Bytes of a word of four numbers. */
const WORD = 16
/** Fewer would have to grow at once. */
const FEWEST = { rows: 64, texts: 8, longest: 64, words: 1024 }

/** Buffers of runs, made once, until a run needs more. */
export class GpuScratch {
  readonly buffers: ReadonlyMap<GpuScratchName, GPUBuffer>
  readonly run: GPUBuffer
  readonly #capacity: GpuCapacity

  /**
   * Makes the buffers.
   *
   * @param rotaries - What tables of cosines and sines are made of.
   */
  constructor(device: GPUDevice, widths: GpuWidths, rotaries: readonly RotarySpec[], capacity: GpuCapacity) {
    this.#capacity = capacity
    const { rows, texts, longest, words } = capacity
    const { STORAGE, COPY_DST, COPY_SRC } = GPUBufferUsage
    const create = (label: string, size: number, usage: number): GPUBuffer =>
      device.createBuffer({ label, size: Math.max(size, WORD), usage })
    const buffers = new Map<GpuScratchName, GPUBuffer>()
    for (const name of ['hidden', 'input', 'result', 'wide', 'context'] as const) {
      buffers.set(name, create(name, rows * widths[name] * WORD, STORAGE))
    }
    for (const name of ['pooled', 'vectors'] as const) {
      buffers.set(name, create(name, texts * widths[name] * WORD, STORAGE | COPY_SRC))
    }
    buffers.set('spare', create('spare', WORD, STORAGE))
    rotaries.forEach((rotary, index) => {
      const turns = turnsOf(rotary, longest)
      const buffer = create('turns', turns.byteLength, STORAGE | COPY_DST)
      device.queue.writeBuffer(buffer, 0, turns)
      buffers.set(`turns ${index}`, buffer)
    })
    this.run = create('run', words * Uint32Array.BYTES_PER_ELEMENT, STORAGE | COPY_DST)
    this.buffers = buffers
  }

  /** Bytes of GPU memory. */
  get byteLength(): number {
    return [this.run, ...this.buffers.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** Whether a run has room. */
  fits(needed: GpuCapacity): boolean {
    return capacityKeys.every((key) => needed[key] <= this.#capacity[key])
  }

  /** Frees all; runs that were submitted still end. */
  destroy(): void {
    this.run.destroy()
    for (const buffer of this.buffers.values()) buffer.destroy()
  }
}

const capacityKeys = ['rows', 'texts', 'longest', 'words'] as const

/**
 * Says how large buffers are made, so that they are not made anew for every longer text.
 *
 * @param needed - What a run needs.
 * @param most - Rows and texts of the largest runs; a single longer text gets what it needs.
 * @returns Powers of two, but for the largest runs.
 */
export function capacityFor(needed: GpuCapacity, most: number): GpuCapacity {
  const grown = (key: keyof GpuCapacity): number => {
    const power = 2 ** Math.ceil(Math.log2(Math.max(needed[key], FEWEST[key])))
    return key === 'words' || power <= most ? power : Math.max(needed[key], most)
  }
  return { rows: grown('rows'), texts: grown('texts'), longest: grown('longest'), words: grown('words') }
}

/** Pairs of cosine and sine, `[positions, headDim / 2]`. */
function turnsOf(
  { inverseFrequencies, attentionFactor = 1 }: RotarySpec,
  positions: number,
): Float32Array<ArrayBuffer> {
  const half = inverseFrequencies.length
  const turns = new Float32Array(2 * positions * half)
  for (let position = 0; position < positions; position++) {
    inverseFrequencies.forEach((frequency, index) => {
      const angle = position * frequency
      const at = 2 * (position * half + index)
      turns[at] = attentionFactor * Math.cos(angle)
      turns[at + 1] = attentionFactor * Math.sin(angle)
    })
  }
  return turns
}
