import type { PoolingChain, PoolingMode } from '../../model/encoder-spec.js'
import { EmbedderError } from '../../wire/embedder-error.js'
import type { Device, Dtype, RuntimeName } from '../../wire/protocol.js'
import { createTail } from './apply-tail.js'
import type { EncoderBatch, Engine } from '../engine.js'
import { poolHiddenStates } from './pool-hidden-states.js'
import { inputsOf, widthOf } from './graph-output.js'
import type { OnnxOutput } from './onnx-session.js'
import type { OpenGraph } from './open-graph.js'

/** What an engine is made of. */
export interface TransformersEngineOptions {
  readonly graph: OpenGraph
  /** What is done with hidden states; nothing where the graph gives vectors. */
  readonly chain: PoolingChain
  /** Bytes of the safetensors files of Dense modules. */
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/**
 * Runs an ONNX graph in transformers.js' onnxruntime-web. Pooling and all that follows are ours, on the CPU: the graph hands out
 * hidden states.
 */
export class TransformersEngine implements Engine {
  readonly name = 'transformers'
  readonly device: Device
  readonly runtime: RuntimeName
  readonly dtype: Dtype
  readonly threads: number
  readonly #graph: OpenGraph
  readonly #modes: readonly PoolingMode[]
  readonly #tail: ReturnType<typeof createTail>

  /**
   * Takes a session over.
   *
   * @param options - Session and what follows it.
   */
  constructor(options: TransformersEngineOptions) {
    const { device, runtime, dtype, threads } = options.graph
    this.device = device
    this.runtime = runtime
    this.dtype = dtype
    this.threads = threads
    this.#graph = options.graph
    this.#modes = options.chain.pooling.modes
    // Takes copies of what it needs, so that the bytes of the files can go.
    this.#tail = createTail(options.chain.tail, options.weightFiles)
  }

  /** {@inheritDoc Engine.run} */
  async run(batch: EncoderBatch): Promise<Float32Array<ArrayBuffer>> {
    const { output } = this.#graph
    const result = await this.#runGraph(batch)
    const width = widthOf(output, result, batch)
    const vectors = output.kind === 'vectors' ? result.data : poolHiddenStates(result.data, width, this.#modes, batch)
    return this.#tail(vectors, batch.count)
  }

  /** {@inheritDoc Engine.dispose} */
  dispose(): Promise<void> {
    return this.#graph.close()
  }

  async #runGraph(batch: EncoderBatch): Promise<OnnxOutput> {
    const { session, output, runs } = this.#graph
    try {
      return await runs.track(session.run(inputsOf(session.inputNames, batch), output.name))
    } catch (cause) {
      if (cause instanceof EmbedderError) throw cause
      throw new EmbedderError('run-failed', `Cannot encode as onnxruntime failed on ${this.device}`, {
        cause,
        details: { device: this.device, texts: batch.count, seqLength: batch.seqLength },
      })
    }
  }
}
