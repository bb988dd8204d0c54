import type * as Ort from 'onnxruntime-web'
import { createKernelsEngine } from '../../packages/nestling/src/engine/kernels/kernels-engine.js'
import { loadKernels } from '../../packages/nestling/src/engine/kernels/load-kernels.js'
import { DownloadProgress } from '../../packages/nestling/src/model/download/download-progress.js'
import { ModelFolder } from '../../packages/nestling/src/model/model-folder.js'
import { readModel } from '../../packages/nestling/src/model/read-model.js'
import type { KernelBuild } from '../../packages/nestling/src/wire/protocol.js'

/** Where the page finds what it runs. */
export interface EngineUrls {
  /** Folder of the default model. */
  readonly model: string
  readonly kernels: Readonly<Record<KernelBuild, string>>
  /** Folder of onnxruntime-web. */
  readonly ort: string
  /** ONNX files by name; only those that are there. */
  readonly onnx: Readonly<Record<string, string>>
}

/** A batch without padding: every text has as many tokens. */
export interface Shape {
  readonly texts: number
  readonly tokens: number
}

/** One way to run the network. */
export interface Contender {
  readonly name: string
  /** Gives one vector a text, `[texts, 384]`. */
  readonly run: (ids: Int32Array, shape: Shape) => Promise<Float32Array>
}

/**
 * Starts every engine that is there.
 *
 * @param urls - Where the files are.
 */
export async function startContenders(urls: EngineUrls): Promise<Contender[]> {
  const contenders: Contender[] = []
  for (const dtype of ['q8', 'fp32'] as const) {
    for (const build of ['relaxed-simd', 'simd'] as const) {
      const isFirst = build === 'relaxed-simd'
      contenders.push(
        await startKernels(urls, build, dtype, `kernels ${dtype}${isFirst ? '' : ' without relaxed SIMD'}`),
      )
    }
  }
  for (const [name, url] of Object.entries(urls.onnx)) contenders.push(await startOrt(urls.ort, url, name))
  return contenders
}

async function startKernels(
  urls: EngineUrls,
  build: KernelBuild,
  dtype: 'q8' | 'fp32',
  name: string,
): Promise<Contender> {
  const location = { kind: 'url', name: 'model', baseUrl: urls.model } as const
  const { spec, weightFiles } = await readModel(new ModelFolder(location, new DownloadProgress(() => undefined)))
  const module = await loadKernels([{ build, url: urls.kernels[build] }])
  const engine = await createKernelsEngine({ spec, weightFiles, module, dtype })
  return {
    name,
    run: (ids, { texts, tokens }) => {
      const lengths = new Int32Array(texts).fill(tokens)
      return engine.run({ count: texts, seqLength: tokens, ids, lengths, skippedTokens: 0 })
    },
  }
}

async function startOrt(folder: string, url: string, name: string): Promise<Contender> {
  const library = `${folder}/ort.wasm.min.mjs`
  const ort = (await import(/* @vite-ignore */ library)) as typeof Ort
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmPaths = {
    mjs: `${folder}/ort-wasm-simd-threaded.mjs`,
    wasm: `${folder}/ort-wasm-simd-threaded.wasm`,
  }
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer())
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] })
  return {
    name,
    run: async (ids, { texts, tokens }) => {
      const tensor = (value: (index: number) => number): Ort.Tensor =>
        new ort.Tensor(
          'int64',
          BigInt64Array.from(ids, (_, index) => BigInt(value(index))),
          [texts, tokens],
        )
      const all = {
        input_ids: tensor((index) => ids[index] ?? 0),
        attention_mask: tensor(() => 1),
        token_type_ids: tensor(() => 0),
      }
      const feeds = Object.fromEntries(Object.entries(all).filter(([key]) => session.inputNames.includes(key)))
      const output = session.outputNames[0] ?? ''
      const results = await session.run(feeds, [output])
      return meanPool(results[output]?.data as Float32Array, { texts, tokens })
    },
  }
}

function meanPool(hidden: Float32Array, { texts, tokens }: Shape): Float32Array {
  const dim = hidden.length / (texts * tokens)
  const pooled = new Float32Array(texts * dim)
  for (let row = 0; row < texts * tokens; row++) {
    const start = Math.floor(row / tokens) * dim
    for (let at = 0; at < dim; at++) pooled[start + at] = (pooled[start + at] ?? 0) + (hidden[row * dim + at] ?? 0)
  }
  return pooled
}
