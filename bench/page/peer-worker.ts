import { env, pipeline, type FeatureExtractionPipeline } from '@huggingface/transformers'
import type { PeerAnswer, PeerEncode, PeerLoad, PeerRequest } from './peer-protocol.js'

/** The worker that a user of transformers.js writes: a pipeline that answers messages. Settings are the library's own but for places. */
let extractor: FeatureExtractionPipeline | undefined

async function load({ host, model, dtype, device, threads, wasmFolder }: PeerLoad): Promise<void> {
  env.remoteHost = host
  env.remotePathTemplate = 'peers/{model}/'
  const { wasm } = env.backends.onnx
  if (wasm === undefined) throw new Error('transformers.js has no WASM backend here')
  wasm.numThreads = threads
  // The build that it would take from its CDN in Chromium.
  wasm.wasmPaths = {
    mjs: `${wasmFolder}ort-wasm-simd-threaded.asyncify.mjs`,
    wasm: `${wasmFolder}ort-wasm-simd-threaded.asyncify.wasm`,
  }
  extractor = await pipeline('feature-extraction', model, { dtype, device })
}

const BATCH = 32

function* batchesOf(texts: readonly string[], size: number): Generator<string[], void, undefined> {
  for (let start = 0; start < texts.length; start += size) yield texts.slice(start, start + size)
}

async function encode({ texts, batching }: PeerEncode): Promise<Float32Array<ArrayBuffer>> {
  if (extractor === undefined) throw new Error('the pipeline is not loaded')
  const order = texts.map((_, index) => index)
  if (batching === 'sorted') order.sort((a, b) => (texts[a]?.length ?? 0) - (texts[b]?.length ?? 0))
  const ordered = order.map((index) => texts[index] ?? '')
  const size = batching === 'one-call' ? texts.length : BATCH
  let vectors: Float32Array<ArrayBuffer> | undefined
  let row = 0
  for (const batch of batchesOf(ordered, size)) {
    const output = await extractor(batch, { pooling: 'mean', normalize: true })
    const data = output.data as Float32Array
    const dim = data.length / batch.length
    vectors ??= new Float32Array(texts.length * dim)
    for (let at = 0; at < batch.length; at++) {
      vectors.set(data.subarray(at * dim, (at + 1) * dim), (order[row++] ?? 0) * dim)
    }
  }
  return vectors ?? new Float32Array(0)
}

async function answer({ id, work }: PeerRequest): Promise<PeerAnswer> {
  try {
    if (work.kind === 'encode') return { id, vectors: await encode(work), error: undefined }
    await load(work)
    return { id, vectors: undefined, error: undefined }
  } catch (error) {
    return { id, vectors: undefined, error: String(error) }
  }
}

globalThis.addEventListener('message', (event: MessageEvent<PeerRequest>) => {
  void answer(event.data).then((result) => {
    globalThis.postMessage(result, { transfer: result.vectors === undefined ? [] : [result.vectors.buffer] })
  })
})
