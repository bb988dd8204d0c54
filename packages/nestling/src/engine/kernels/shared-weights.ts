import type { KernelBuild } from '../../wire/protocol.js'
import type { PackedEncoder } from './packed-encoder.js'
import type { KernelDtype } from './packed-weights.js'

/** Weights in a memory that several workers share, as one of them packed them: what the others need in place of the files. */
export interface SharedWeights {
  /** Holds the weights, and the room in which each worker computes. */
  readonly memory: WebAssembly.Memory
  /** Which rooms are taken, see {@link ScratchRoom}. */
  readonly rooms: SharedArrayBuffer
  /** Tells this memory from others, in the names of its locks. */
  readonly id: string
  /** Builds lay int8 weights out differently. */
  readonly build: KernelBuild
  readonly dtype: KernelDtype
  readonly packed: PackedEncoder
  /** Scores by distance, `[rows, heads]`, where the model has them. */
  readonly biasTable: Float32Array | undefined
}
