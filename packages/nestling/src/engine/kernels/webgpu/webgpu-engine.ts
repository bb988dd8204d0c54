import { within } from '@nestling/kit/calls/within'
import { PendingCalls } from '@nestling/kit/worker/pending-calls'
import type { EncoderSpec } from '../../../model/encoder-spec.js'
import { EmbedderError } from '../../../wire/embedder-error.js'
import type { EncoderBatch, Engine } from '../../engine.js'
import { deviceLost } from '../../gpu-loss.js'
import { splitBatch } from '../token-rows.js'
import type { GpuWeights } from './gpu-weights.js'
import { inErrorScopes } from './error-scopes.js'
import type { ProgramRunner } from './program-runner.js'
import { ReadBacks } from './read-back.js'
import type { RunData } from './run-data.js'
import type { WeightKind } from './shaders/product.js'

/** Tokens that are computed at a time; more would not be faster, and memory would grow: 40 MB for MiniLM. */
export const MAX_TOKENS = 4096

/** A read-back fails before its device says that it is lost; whoever waits hears of the loss. */
const LOSS_MS = 100

/** What an engine is made of. */
export interface WebGpuEngineParts {
  readonly device: GPUDevice
  readonly spec: EncoderSpec
  readonly weights: GpuWeights
  readonly runner: ProgramRunner
  readonly dtype: WeightKind
  readonly tile: string
}

/** Runs an encoder on our kernels for WebGPU. */
export class WebGpuEngine implements Engine {
  readonly name = 'kernels'
  readonly device = 'webgpu'
  readonly runtime = 'wgsl'
  readonly dtype: WeightKind
  readonly threads = 1
  readonly tile: string
  readonly concurrency = 2
  readonly #parts: WebGpuEngineParts
  readonly #readBacks: ReadBacks
  /** A run that waits for a lost device would never settle. */
  readonly #runs = new PendingCalls()
  /** Settles once the buffers that runs use are known to be there. */
  #buffers: Promise<void> = Promise.resolve()
  /** What no error scope heard of. */
  readonly #flaws: GPUError[] = []

  /**
   * Starts to listen to its device.
   *
   * @param parts - The device, and what runs on it.
   */
  constructor(parts: WebGpuEngineParts) {
    this.#parts = parts
    this.dtype = parts.dtype
    this.tile = parts.tile
    this.#readBacks = new ReadBacks(parts.device)
    parts.device.addEventListener('uncapturederror', ({ error }) => {
      this.#flaws.push(error)
    })
    void parts.device.lost.then((info) => {
      this.#runs.rejectAll(deviceLost(info))
    })
  }

  /** Bytes of GPU memory: of the weights, and of what runs need beside them. */
  get memory(): { readonly weights: number; readonly scratch: number } {
    return { weights: this.#parts.weights.byteLength, scratch: this.#parts.runner.byteLength }
  }

  /** {@inheritDoc Engine.run} */
  async run(batch: EncoderBatch): Promise<Float32Array<ArrayBuffer>> {
    const { dim } = this.#parts.spec
    const vectors = new Float32Array(batch.count * dim)
    let text = 0
    const running = splitBatch(batch, MAX_TOKENS).map((part) => {
      const target = vectors.subarray(text * dim, (text + part.count) * dim)
      text += part.count
      return this.#runs.track(this.#runPart(part, target))
    })
    await Promise.all(running)
    return vectors
  }

  /** {@inheritDoc Engine.dispose} */
  dispose(): Promise<void> {
    this.#runs.rejectAll(new EmbedderError('disposed', 'Cannot encode as the engine was disposed'))
    // Frees all that was made on it.
    this.#parts.device.destroy()
    return Promise.resolve()
  }

  async #runPart(batch: EncoderBatch, target: Float32Array): Promise<void> {
    const { runner, device } = this.#parts
    try {
      const data = runner.dataOf(batch)
      const compiled = await runner.compile(data.size)
      this.#reserve(data)
      const reserved = this.#buffers
      const known = this.#flaws.length
      const reading = this.#readBacks.read(
        batch.count * runner.stride * Float32Array.BYTES_PER_ELEMENT,
        (readBack) => {
          runner.submit(data, compiled, readBack)
        },
        (values) => {
          copyRows(values, runner.stride, target, this.#parts.spec.dim)
        },
      )
      // A failure of both is told by what it began with.
      reading.catch(() => undefined)
      await reserved
      await reading
      const flaw = this.#flaws[known]
      if (flaw !== undefined) throw new Error(flaw.message)
    } catch (cause) {
      if (cause instanceof EmbedderError) throw cause
      const loss = await within(device.lost, LOSS_MS)
      if (loss !== undefined) throw deviceLost(loss)
      throw new EmbedderError('run-failed', 'Cannot encode as a WebGPU kernel failed', {
        cause,
        details: { device: this.device, texts: batch.count, seqLength: batch.seqLength },
      })
    }
  }

  /** Makes buffers, and finds out whether they were made: a GPU without memory says so later. */
  #reserve(data: RunData): void {
    const { device, runner } = this.#parts
    if (runner.hasRoom(data)) return
    this.#buffers = inErrorScopes(device, () => {
      runner.reserve(data)
    }).catch((error: unknown) => {
      runner.release()
      throw error
    })
    // Whoever runs on them hears of it.
    this.#buffers.catch(() => undefined)
  }
}

function copyRows(source: Float32Array, stride: number, target: Float32Array, dim: number): void {
  for (let row = 0; row * dim < target.length; row++) {
    target.set(source.subarray(row * stride, row * stride + dim), row * dim)
  }
}
