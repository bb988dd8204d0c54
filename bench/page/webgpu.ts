import type * as Ort from 'onnxruntime-web'
import { createWebGpuKernels } from '../../packages/nestling/src/engine/kernels/webgpu/create-webgpu-kernels.js'
import type { EncoderBatch, Engine } from '../../packages/nestling/src/engine/engine.js'
import { createOnnxEngine } from '../../packages/nestling/src/engine/onnx/onnx-engine.js'
import { configureRuntime } from '../../packages/nestling/src/engine/onnx/runtime.js'
import { DownloadProgress } from '../../packages/nestling/src/model/download/download-progress.js'
import { ModelFolder } from '../../packages/nestling/src/model/model-folder.js'
import { readModel, type Model } from '../../packages/nestling/src/model/read-model.js'
import type { RuntimeUrls } from '../../packages/nestling/src/wire/protocol.js'
import { createIds } from './token-ids.js'

/** What the page is asked to do. */
export interface WebGpuRequest {
  /** Folder of the default model. */
  readonly model: string
  /** onnxruntime-web's build for WebGPU with JSPI. */
  readonly ort: RuntimeUrls
  readonly shapes: readonly { readonly texts: number; readonly tokens: number; readonly rounds: number }[]
  /** How often each engine is made anew. */
  readonly loads: number
}

/** Milliseconds of both, turn by turn. */
export interface WebGpuTimes {
  readonly kernels: readonly number[]
  readonly onnx: readonly number[]
}

/** What was measured. */
export interface WebGpuResult {
  readonly adapter: { readonly description: string; readonly isFallback: boolean }
  readonly shapes: readonly ({
    readonly texts: number
    readonly tokens: number
    readonly cosine: number
  } & WebGpuTimes)[]
  /** From the model's bytes to the first vector of a query of 16 tokens; the runtime of a page that has none yet is part of it. */
  readonly load: WebGpuTimes
  /** Bytes of GPU memory of our kernels. */
  readonly memory: { readonly weights: number; readonly scratch: number } | undefined
}

type Name = keyof WebGpuTimes

const NAMES: readonly Name[] = ['kernels', 'onnx']

/** Measures our kernels and onnxruntime-web on WebGPU in turns, on the same model and batches. */
export async function measureWebGpu(request: WebGpuRequest): Promise<WebGpuResult> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) throw new Error('Cannot measure without an adapter')
  const { description, isFallbackAdapter: isFallback } = adapter.info
  const progress = new DownloadProgress(() => undefined)
  const model = await readModel(new ModelFolder({ kind: 'url', name: 'model', baseUrl: request.model }, progress))
  const query = batchOf(1, 16)
  const load: Record<Name, number[]> = { kernels: [], onnx: [] }
  const engines: Partial<Record<Name, Engine>> = {}
  for (let turn = 0; turn < request.loads; turn++) {
    for (const name of NAMES) {
      await engines[name]?.dispose()
      const startedMs = performance.now()
      const engine = await create(name, model, request.ort, turn)
      await engine.run(query)
      load[name].push(performance.now() - startedMs)
      engines[name] = engine
    }
  }
  const { kernels, onnx } = engines as Record<Name, Engine>
  const shapes: WebGpuResult['shapes'][number][] = []
  for (const { texts, tokens, rounds } of request.shapes) {
    const batch = batchOf(texts, tokens)
    const cosine = lowestCosine(await kernels.run(batch), await onnx.run(batch), texts)
    const times: Record<Name, number[]> = { kernels: [], onnx: [] }
    for (let round = 0; round < rounds; round++) {
      for (const name of NAMES) {
        const startedMs = performance.now()
        await (engines[name] as Engine).run(batch)
        times[name].push(performance.now() - startedMs)
      }
    }
    shapes.push({ texts, tokens, cosine, ...times })
  }
  const { memory } = kernels as Engine & Pick<WebGpuResult, 'memory'>
  return { adapter: { description, isFallback }, shapes, load, memory }
}

async function create(name: Name, { spec, weightFiles }: Model, urls: RuntimeUrls, turn: number): Promise<Engine> {
  if (name === 'kernels') return createWebGpuKernels({ spec, weightFiles, dtype: 'auto' })
  // Another query is another module, which has to be loaded and compiled again.
  const ort = (await import(/* @vite-ignore */ `${urls.library}?${turn}`)) as typeof Ort
  const runtime = configureRuntime(ort, 'jspi', urls)
  return createOnnxEngine({ spec, weightFiles, device: 'webgpu', dtype: 'fp32', runtime })
}

function batchOf(count: number, seqLength: number): EncoderBatch {
  const lengths = new Int32Array(count).fill(seqLength)
  return { count, seqLength, ids: createIds(count * seqLength), lengths, skippedTokens: 0 }
}

function lowestCosine(a: Float32Array, b: Float32Array, count: number): number {
  const dim = a.length / count
  const dot = (x: Float32Array, y: Float32Array, row: number): number => {
    let sum = 0
    for (let at = row * dim; at < (row + 1) * dim; at++) sum += (x[at] as number) * (y[at] as number)
    return sum
  }
  const cosines = Array.from({ length: count }, (_, row) => dot(a, b, row) / Math.sqrt(dot(a, a, row) * dot(b, b, row)))
  return Math.min(...cosines)
}
