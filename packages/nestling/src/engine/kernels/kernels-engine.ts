import type { EncoderSpec } from '../../model/encoder-spec.js'
import { EmbedderError } from '../../wire/embedder-error.js'
import type { EncoderBatch, Engine } from '../engine.js'
import { toFloat32 } from '../weight-values.js'
import { claimSlot, type ClaimSlot, type Slot } from './claim-slot.js'
import type { KernelExports } from './kernel-exports.js'
import { createMemory, KernelMemory } from './kernel-memory.js'
import type { KernelModule } from './load-kernels.js'
import { packEncoder, type PackedEncoder } from './packed-encoder.js'
import { WeightPacker, type KernelDtype } from './packed-weights.js'
import { poolRows } from './pool-rows.js'
import { runEncoder } from './run-encoder.js'
import { Scratch } from './scratch.js'
import { OwnRoom, ScratchRoom, SLOTS, type ComputeRoom } from './scratch-room.js'
import type { SharedWeights } from './shared-weights.js'
import { splitBatch, tokenRowsOf } from './token-rows.js'

/** Tokens that are computed at a time; more would not be faster, and memory would grow: 40 MB for MiniLM. */
const MAX_TOKENS = 4096

/** What an engine is made of. */
export interface KernelsEngineOptions {
  readonly spec: EncoderSpec
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  readonly module: KernelModule
  /** `auto` is `q8` where the layers' weights are stored in int8. */
  readonly dtype: KernelDtype | 'auto'
  /** Claims a slot of a memory that is shared; tests run where there are no Web Locks. */
  readonly claimSlot?: ClaimSlot
}

/**
 * Makes an engine that runs an encoder on our own kernels, in one thread. With kernels for shared memory, other workers can use its
 * weights: `Engine.shared`.
 *
 * @param options - Encoder, weights and kernels.
 * @throws {EmbedderError} `out-of-memory` if there is no room for the weights.
 * @throws {RangeError} If the browser gives no shared memory.
 */
export async function createKernelsEngine(options: KernelsEngineOptions): Promise<Engine> {
  const { spec, weightFiles, module } = options
  const dtype = options.dtype === 'auto' ? autoDtype(spec) : options.dtype
  const memory = new KernelMemory(createMemory(module.isShared))
  const kernels = await instantiate(module, memory)
  const packed = packEncoder(spec, dtype, new WeightPacker(kernels, memory, weightFiles))
  const table = spec.relativeBias?.table
  const biasTable = table === undefined ? undefined : toFloat32(table, weightFiles.get(table.file) as Uint8Array)
  const parts = { spec, packed, kernels, memory, dtype, module, biasTable }
  if (!module.isShared) return new KernelsEngine({ ...parts, room: new OwnRoom(memory) })
  const shared: SharedWeights = {
    memory: memory.memory,
    rooms: ScratchRoom.createTable(memory.end),
    id: crypto.randomUUID(),
    build: module.build,
    dtype,
    packed,
    biasTable,
  }
  return createInRoom(parts, shared, options.claimSlot)
}

/** What an engine on weights of another worker is made of. */
export interface AttachedEngineOptions extends Pick<KernelsEngineOptions, 'spec' | 'module' | 'claimSlot'> {
  /** The weights; the kernels must be of their build. */
  readonly weights: SharedWeights
}

/**
 * Makes an engine on weights that another worker has packed: none of them is read or copied.
 *
 * @param options - Encoder, weights and kernels.
 * @returns The engine, whose vectors are those of the other worker, bit for bit.
 * @throws {EmbedderError} `out-of-memory` if too many workers use these weights.
 */
export async function attachKernelsEngine(options: AttachedEngineOptions): Promise<Engine> {
  const { spec, module, weights: shared } = options
  const { packed, dtype, biasTable } = shared
  const memory = new KernelMemory(shared.memory)
  const kernels = await instantiate(module, memory)
  return createInRoom({ spec, packed, kernels, memory, dtype, module, biasTable }, shared, options.claimSlot)
}

/** Makes an engine that computes in a room of its own, in a memory that others use too. */
async function createInRoom(
  parts: Omit<Parts, 'room' | 'shared' | 'slot'>,
  shared: SharedWeights,
  claim: ClaimSlot = claimSlot,
): Promise<Engine> {
  const slot = await claim(shared.id, SLOTS)
  return new KernelsEngine({ ...parts, room: new ScratchRoom(parts.memory, shared.rooms, slot), shared, slot })
}

/** The kernels have neither data nor variables in memory, so that many instances may use one. */
async function instantiate({ module }: KernelModule, { memory }: KernelMemory): Promise<KernelExports> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  return instance.exports as unknown as KernelExports
}

/** Float32 weights stay what they are: quantising them is for those who ask for it. */
function autoDtype({ layers }: EncoderSpec): KernelDtype {
  return layers.some(({ feedForward }) => feedForward.up.weight.dtype === 'I8') ? 'q8' : 'fp32'
}

interface Parts {
  readonly spec: EncoderSpec
  readonly packed: PackedEncoder
  readonly kernels: KernelExports
  readonly memory: KernelMemory
  readonly dtype: KernelDtype
  readonly module: KernelModule
  readonly biasTable: Float32Array | undefined
  /** Where it computes. */
  readonly room: ComputeRoom
  /** Its weights, where other workers may use them. */
  readonly shared?: SharedWeights
  readonly slot?: Slot
}

class KernelsEngine implements Engine {
  readonly name = 'kernels'
  readonly device = 'wasm'
  readonly runtime: KernelModule['build']
  readonly dtype: KernelDtype
  readonly threads = 1
  /** Let go on disposal: nothing else holds the memory. */
  #parts: Parts | undefined
  #scratch: Scratch | undefined

  constructor(parts: Parts) {
    this.runtime = parts.module.build
    this.dtype = parts.dtype
    this.#parts = parts
    this.#scratch = new Scratch(parts.memory, parts.room, parts)
  }

  async run(batch: EncoderBatch): Promise<Float32Array<ArrayBuffer>> {
    // Async, so that what is thrown rejects.
    return Promise.resolve(this.#run(batch))
  }

  /** {@inheritDoc Engine.shared} */
  get shared(): SharedWeights | undefined {
    return this.#parts?.shared
  }

  dispose(): Promise<void> {
    this.#parts?.slot?.release()
    this.#parts = undefined
    this.#scratch = undefined
    return Promise.resolve()
  }

  #run(batch: EncoderBatch): Float32Array<ArrayBuffer> {
    const { spec } = this.#partsOf()
    const vectors = new Float32Array(batch.count * spec.dim)
    let text = 0
    for (const part of splitBatch(batch, MAX_TOKENS)) {
      vectors.set(this.#runPart(part), text * spec.dim)
      text += part.count
    }
    return vectors
  }

  #runPart(batch: EncoderBatch): Float32Array<ArrayBuffer> {
    const { kernels, memory, spec, packed, module } = this.#partsOf()
    const rows = tokenRowsOf(batch)
    const { tokens, longest } = rows
    const buffers = this.#scratch?.buffersOf({ tokens, longest, texts: batch.count })
    if (buffers === undefined) throw disposed()
    const { inSteps } = module
    const run = { kernels, inSteps, memory, spec, packed, buffers, batch, rows }
    try {
      runEncoder(run)
      return poolRows(run)
    } catch (cause) {
      throw new EmbedderError('run-failed', 'Cannot encode as a kernel failed', {
        cause,
        details: { device: this.device, texts: batch.count, seqLength: batch.seqLength },
      })
    }
  }

  #partsOf(): Parts {
    if (this.#parts === undefined) throw disposed()
    return this.#parts
  }
}

function disposed(): EmbedderError {
  return new EmbedderError('disposed', 'Cannot encode as the engine was disposed')
}
