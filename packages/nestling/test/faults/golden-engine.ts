import type { EncoderBatch, Engine } from '../../src/engine/engine.js'
import type { Device, Dtype } from '../../src/wire/protocol.js'

/** What a {@link GoldenEngine} knows and how it behaves. */
export interface GoldenEngineOptions {
  /** Token ids of each text. */
  readonly tokenIds: readonly (readonly number[])[]
  /** Their vectors, row-major. */
  readonly vectors: Float32Array
  readonly dim: number
  readonly device?: Device
  readonly dtype?: Dtype
  /** Batches that may be in flight. */
  readonly concurrency?: number
  /** How it says that products are cut. */
  readonly tile?: string
  /** Milliseconds that a token takes, padding included. */
  readonly msPerToken?: number
  /** Changes every vector before it is given. */
  readonly spoil?: (vector: Float32Array) => void
}

/** Knows the vectors of some texts by their token ids, and nothing else: for tests without a runtime. */
export class GoldenEngine implements Engine {
  readonly name = 'onnx'
  readonly runtime = 'wasm'
  readonly threads = 1
  readonly device: Device
  readonly dtype: Dtype
  readonly concurrency: number
  readonly tile?: string
  /** Most batches that were in flight at a time. */
  mostInFlight = 0
  #inFlight = 0
  /** Batches that were run. */
  readonly batches: EncoderBatch[] = []
  /** Whether it was disposed. */
  isDisposed = false
  readonly #options: GoldenEngineOptions

  /**
   * Learns the vectors.
   *
   * @param options - What it knows.
   */
  constructor(options: GoldenEngineOptions) {
    this.#options = options
    this.device = options.device ?? 'wasm'
    this.dtype = options.dtype ?? 'fp32'
    if (options.tile !== undefined) this.tile = options.tile
    this.concurrency = options.concurrency ?? 1
  }

  /** {@inheritDoc Engine.run} */
  async run(batch: EncoderBatch): Promise<Float32Array<ArrayBuffer>> {
    const { tokenIds, vectors, dim, msPerToken = 0, spoil } = this.#options
    this.batches.push(batch)
    this.mostInFlight = Math.max(this.mostInFlight, ++this.#inFlight)
    if (msPerToken > 0) await new Promise((resolve) => setTimeout(resolve, batch.ids.length * msPerToken))
    this.#inFlight--
    const results = new Float32Array(batch.count * dim)
    for (let row = 0; row < batch.count; row++) {
      const start = row * batch.seqLength
      const ids = Array.from(batch.ids.subarray(start, start + (batch.lengths[row] ?? 0)))
      const known = tokenIds.findIndex((other) => other.join() === ids.join())
      // The warm-up's text is no real one.
      const vector = known < 0 ? new Float32Array(dim) : vectors.slice(known * dim, (known + 1) * dim)
      spoil?.(vector)
      results.set(vector, row * dim)
    }
    return results
  }

  /** {@inheritDoc Engine.dispose} */
  dispose(): Promise<void> {
    this.isDisposed = true
    return Promise.resolve()
  }
}
