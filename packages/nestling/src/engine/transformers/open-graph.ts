import { EmbedderError, isEmbedderError } from '../../wire/embedder-error.js'
import { PendingCalls } from '@nestling/kit/worker/pending-calls'
import type { Device, Dtype, OnnxBuild } from '../../wire/protocol.js'
import type { EncoderBatch } from '../engine.js'
import { deviceLost } from '../gpu-loss.js'
import { createGpuDevice } from '../gpu-device.js'
import { threadCount } from '../thread-count.js'
import { findOutput, inputsOf, widthOf, type GraphOutput } from './graph-output.js'
import type { OnnxSession, OnnxSessionRequest, TransformersChunk } from './onnx-session.js'

/** What a graph is opened with. */
export interface OpenGraphRequest extends Pick<OnnxSessionRequest, 'config' | 'dtype' | 'read'> {
  readonly chunk: TransformersChunk
  /** Path of the ONNX file, for messages. */
  readonly path: string
  readonly device: Device
  readonly runtime: OnnxBuild
  /** URLs of the runtime's files. */
  readonly urls: OnnxSessionRequest['runtime']
}

/** A graph that ran once. */
export interface OpenGraph {
  readonly session: OnnxSession
  readonly output: GraphOutput
  /** Components a token that it gives, or a vector. */
  readonly width: number
  readonly device: Device
  readonly runtime: OnnxBuild
  readonly dtype: Dtype
  readonly threads: number
  /** Follows every run: one that waits for a lost GPU device would never settle. */
  readonly runs: PendingCalls
  /** Releases session and device. */
  readonly close: () => Promise<void>
}

/** Few tokens: it only has to tell how wide the output is, which no config says in one way. */
const PROBE: EncoderBatch = {
  count: 1,
  seqLength: 2,
  ids: new Int32Array(2),
  lengths: Int32Array.of(2),
  skippedTokens: 0,
}

/**
 * Opens a graph and runs it once.
 *
 * @param request - Graph, device and runtime.
 * @throws {EmbedderError} `model-unsupported` if its inputs or outputs are not those of a text encoder, `run-failed` if onnxruntime
 * refuses it, `webgpu-unavailable`, `device-lost`, or what reading files throws.
 */
export async function openGraph(request: OpenGraphRequest): Promise<OpenGraph> {
  const { chunk, path, device, runtime, dtype } = request
  // Our own device, for the reasons that createGpuDevice() gives, and to hear when it is lost.
  const gpu =
    device === 'webgpu'
      ? (await createGpuDevice({ features: dtype === 'fp16' ? ['shader-f16'] : [] })).device
      : undefined
  const runs = new PendingCalls()
  void gpu?.lost.then((info) => {
    runs.rejectAll(deviceLost(info))
  })
  const threads = threadCount(runtime)
  const { config, read, urls } = request
  let session: OnnxSession | undefined
  try {
    session = await runs.track(chunk.openOnnxSession({ config, dtype, gpu, threads, read, runtime: urls }))
    const output = findOutput(session, path)
    const result = await runs.track(session.run(inputsOf(session.inputNames, PROBE), output.name))
    const width = widthOf(output, result, PROBE)
    const close = closer(session, gpu)
    return { session, output, width, device, runtime, dtype, threads, runs, close }
  } catch (cause) {
    await closer(session, gpu)()
    if (isEmbedderError(cause)) throw cause
    throw new EmbedderError('run-failed', `Cannot make a session as onnxruntime refuses ${path} on ${device}`, {
      cause,
      details: { path, device, runtime },
    })
  }
}

function closer(session: OnnxSession | undefined, gpu: GPUDevice | undefined): () => Promise<void> {
  return async () => {
    try {
      await session?.dispose()
    } finally {
      gpu?.destroy()
    }
  }
}
