import type * as Ort from 'onnxruntime-web'
import type { EncoderSpec } from '../../model/encoder-spec.js'
import { EmbedderError } from '../../wire/embedder-error.js'
import { PendingCalls } from '@nestling/kit/worker/pending-calls'
import type { Device } from '../../wire/protocol.js'
import type { EncoderBatch, Engine } from '../engine.js'
import { deviceLost } from '../gpu-loss.js'
import { toFloat16Bits } from '../float16.js'
import { toFloat32 } from '../weight-values.js'
import { buildEncoderGraph, type EncoderGraph } from './encoder-graph.js'
import type { Feed } from './feed.js'
import { feedsOf } from './feeds.js'
import { createGpuDevice } from '../gpu-device.js'
import { GRAPH } from './graph-names.js'
import type { OnnxRuntime } from './runtime.js'

/** What an engine is made of. */
export interface OnnxEngineOptions {
  readonly spec: EncoderSpec
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  readonly device: Device
  readonly runtime: OnnxRuntime
  /** What the layers compute with; `fp16` on WebGPU needs an adapter with `shader-f16`. */
  readonly dtype: OnnxDtype
}

/** What a graph of ours can compute with. */
export type OnnxDtype = 'fp32' | 'fp16'

/**
 * Makes an engine that runs an encoder in onnxruntime-web.
 *
 * @param options - Encoder, weights, device and runtime.
 * @throws {EmbedderError} `run-failed` if onnxruntime refuses the session.
 */
export async function createOnnxEngine(options: OnnxEngineOptions): Promise<Engine> {
  const { ort } = options.runtime
  const isHalf = options.dtype === 'fp16'
  const graph = buildEncoderGraph(options.spec, isHalf ? 'float16' : 'float')
  const gpu =
    options.device === 'webgpu' ? (await createGpuDevice({ features: isHalf ? ['shader-f16'] : [] })).device : undefined
  const sessionOptions: Ort.InferenceSession.SessionOptions = {
    executionProviders: [gpu === undefined ? 'wasm' : { name: 'webgpu', device: gpu }],
    externalData: externalData(graph, options.weightFiles),
    graphOptimizationLevel: 'basic',
  }
  // A node that silently runs on the CPU would copy hidden states back and forth; better no session at all.
  if (gpu !== undefined) sessionOptions.extra = { session: { disable_cpu_ep_fallback: '1' } }
  let session: Ort.InferenceSession
  try {
    session = await ort.InferenceSession.create(graph.bytes, sessionOptions)
  } catch (cause) {
    gpu?.destroy()
    throw new EmbedderError('run-failed', `Cannot make a session as onnxruntime refuses it on ${options.device}`, {
      cause,
      details: { device: options.device, runtime: options.runtime.name },
    })
  }
  return new OnnxEngine(session, options, gpu)
}

function externalData(
  graph: EncoderGraph,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): { path: string; data: Uint8Array }[] {
  return graph.external.map(({ location, weight, type, isWholeFile }) => {
    const file = files.get(weight.file)
    if (file === undefined) throw new Error(`Cannot find the bytes of ${weight.file}`)
    if (isWholeFile) return { path: location, data: file }
    const values = toFloat32(weight, file)
    return { path: location, data: new Uint8Array((type === 'float' ? values : toFloat16Bits(values)).buffer) }
  })
}

class OnnxEngine implements Engine {
  readonly name = 'onnx'
  readonly device: Device
  readonly runtime: OnnxRuntime['name']
  readonly dtype: OnnxDtype
  readonly threads: number
  readonly #ort: typeof Ort
  readonly #session: Ort.InferenceSession
  readonly #spec: EncoderSpec
  readonly #gpu: GPUDevice | undefined
  /** A run that waits for a lost GPU device would never settle. */
  readonly #runs = new PendingCalls()

  constructor(session: Ort.InferenceSession, options: OnnxEngineOptions, gpu: GPUDevice | undefined) {
    this.#session = session
    this.#spec = options.spec
    this.#ort = options.runtime.ort
    this.device = options.device
    this.dtype = options.dtype
    this.runtime = options.runtime.name
    this.threads = options.runtime.threads
    this.#gpu = gpu
    void this.#gpu?.lost.then((info) => {
      this.#runs.rejectAll(deviceLost(info))
    })
  }

  async run(batch: EncoderBatch): Promise<Float32Array<ArrayBuffer>> {
    const feeds = this.#toTensors(feedsOf(this.#spec, batch))
    let results: Ort.InferenceSession.ReturnType
    try {
      results = await this.#runs.track(this.#session.run(feeds, [GRAPH.embeddings]))
    } catch (cause) {
      if (cause instanceof EmbedderError) throw cause
      throw new EmbedderError('run-failed', `Cannot encode as onnxruntime failed on ${this.device}`, {
        cause,
        details: { device: this.device, texts: batch.count, seqLength: batch.seqLength },
      })
    } finally {
      for (const tensor of Object.values(feeds)) tensor.dispose()
    }
    const tensor = results[GRAPH.embeddings]
    // Copied: the tensor's own memory belongs to the runtime.
    const vectors = Float32Array.from(tensor?.data as Float32Array)
    tensor?.dispose()
    return vectors
  }

  async dispose(): Promise<void> {
    await this.#session.release()
    this.#gpu?.destroy()
  }

  #toTensors(feeds: Record<string, Feed>): Record<string, Ort.Tensor> {
    const { Tensor } = this.#ort
    const toTensor = ({ type, data, dims }: Feed): Ort.Tensor => new Tensor(type, data as Float32Array, dims)
    return Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, toTensor(feed)]))
  }
}
