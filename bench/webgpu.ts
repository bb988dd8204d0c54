import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ratioOf, spreadOf } from './measure/statistics.js'
import type { WebGpuRequest, WebGpuResult, WebGpuTimes } from './page/webgpu.js'
import { runInPage } from './run-page.js'
import { formatTable, ratioText } from './table.js'

const ROOT = join(import.meta.dirname, '..')

/** A query, and bulk work. */
const SHAPES = [
  { texts: 1, tokens: 16, rounds: 9 },
  { texts: 16, tokens: 64, rounds: 3 },
]

/** The result of a run. */
export interface WebGpuBench extends WebGpuResult {
  readonly browser: string
}

/**
 * Measures our kernels against onnxruntime-web on WebGPU, in one page of a real Chromium, on the default model.
 *
 * @param rounds - Turns of a query; bulk work has a third of them.
 * @returns The measurements.
 */
export async function benchWebGpu(rounds: number | undefined): Promise<WebGpuBench> {
  const dist = join(ROOT, 'packages/nestling/dist')
  const folder = readdirSync(join(dist, 'runtime')).find((name) => name.startsWith('onnxruntime-web@1.30.0'))
  if (folder === undefined)
    throw new Error('onnxruntime-web is missing in packages/nestling/dist: run pnpm build first')
  const ort = `/dist/runtime/${folder}`
  const request: WebGpuRequest = {
    model: '/model/',
    ort: {
      engine: '',
      library: `${ort}/ort.jspi.min.mjs`,
      loader: `${ort}/ort-wasm-simd-threaded.jspi.mjs`,
      wasm: `${ort}/ort-wasm-simd-threaded.jspi.wasm`,
    },
    shapes: SHAPES.map((shape) => ({
      ...shape,
      rounds: rounds === undefined ? shape.rounds : Math.max(1, Math.round((rounds * shape.rounds) / 9)),
    })),
    loads: 3,
  }
  const roots = { '/dist': dist, '/model': join(ROOT, 'packages/minilm-l6/model') }
  const call = { module: 'webgpu', name: 'measureWebGpu', request, roots, args: { webgpu: true } }
  const { result, browser } = await runInPage<WebGpuResult>(call)
  return { ...result, browser }
}

/**
 * Writes measurements for people.
 *
 * @returns Lines of text.
 */
export function webGpuText({ browser, adapter, shapes, load, memory }: WebGpuBench): string {
  const lines = [
    ...shapes.map((shape) => lineOf(`[${shape.texts}, ${shape.tokens}]`, shape)),
    lineOf('load to first vector', load),
  ]
  const head = ['', 'our kernels, ms p50', 'onnxruntime-web, ms p50', 'times as fast']
  const kind = adapter.isFallback ? 'a software adapter, which is no GPU' : 'a GPU'
  const cosine = Math.min(...shapes.map((shape) => shape.cosine))
  const megabytes = (bytes = 0): string => `${(bytes / 1e6).toFixed(1)} MB`
  return [
    `@nestling/minilm-l6 on WebGPU: our kernels (int8 weights) against onnxruntime-web 1.30.0 (float32), in turns in one page`,
    `Chromium ${browser}, ${adapter.description} (${kind}); ratios: median of turns (extremes)`,
    '',
    formatTable({ head, lines }),
    `lowest cosine between both ${cosine.toFixed(6)}; GPU memory: weights ${megabytes(memory?.weights)}, the rest ${megabytes(memory?.scratch)}`,
  ].join('\n')
}

function lineOf(name: string, { kernels, onnx }: WebGpuTimes): string[] {
  return [name, spreadOf(kernels).p50.toFixed(1), spreadOf(onnx).p50.toFixed(1), ratioText(ratioOf(onnx, kernels))]
}
