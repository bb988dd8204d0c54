import type { EncoderBatch, Engine } from '../../packages/nestling/src/engine/engine.js'
import {
  createWebGpuKernels,
  type GpuDtype,
} from '../../packages/nestling/src/engine/kernels/webgpu/create-webgpu-kernels.js'
import { createIds } from '../page/token-ids.js'
import { inMemoryModel, type ModelShape } from './in-memory-model.js'
import type { BatchShape } from './step-cost.js'

/** What is measured, and how long that may take. */
export interface GpuBenchRequest {
  readonly shapes: readonly ModelShape[]
  readonly dtypes: readonly GpuDtype[]
  readonly batches: readonly BatchShape[]
  /** Milliseconds of all; what does not fit is left out. */
  readonly limitMs: number
}

/** One measurement. */
export interface GpuBenchRow extends BatchShape {
  readonly shape: string
  readonly dtype: GpuDtype
  readonly ms: number
  readonly tile: string
  /** Bytes of GPU memory. */
  readonly weights: number
  readonly scratch: number
}

/** What came of it. */
export interface GpuBenchResult {
  readonly adapter: { readonly vendor: string; readonly description: string; readonly isFallback: boolean }
  readonly rows: readonly GpuBenchRow[]
  /** What was not run, and why. */
  readonly notRun: readonly string[]
}

/** Runs of a case beside the first; the fastest counts. */
const RUNS = 10

/** A case ends here. */
const CASE_MS = 5000

/**
 * Measures whole encoders on a GPU.
 *
 * @param gpu - Where adapters come from.
 */
export async function measureGpu(gpu: GPU, request: GpuBenchRequest): Promise<GpuBenchResult> {
  const endMs = performance.now() + request.limitMs
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) throw new Error('Cannot measure without an adapter')
  const { vendor, description, isFallbackAdapter: isFallback } = adapter.info
  const rows: GpuBenchRow[] = []
  const notRun: string[] = []
  for (const shape of request.shapes) {
    for (const dtype of request.dtypes) {
      const name = `${shape.name} in ${dtype}`
      if (dtype === 'fp16' && !adapter.features.has('shader-f16')) notRun.push(`${name}: the adapter has no shader-f16`)
      else if (performance.now() > endMs) notRun.push(`${name}: there was no time left`)
      else await measureModel({ gpu, shape, dtype, request, endMs, rows, notRun })
    }
  }
  return { adapter: { vendor, description, isFallback }, rows, notRun }
}

interface Measuring {
  readonly gpu: GPU
  readonly shape: ModelShape
  readonly dtype: GpuDtype
  readonly request: GpuBenchRequest
  readonly endMs: number
  readonly rows: GpuBenchRow[]
  readonly notRun: string[]
}

async function measureModel({ gpu, shape, dtype, request, endMs, rows, notRun }: Measuring): Promise<void> {
  const { spec, weightFiles } = inMemoryModel(shape, dtype === 'q8')
  const engine = await createWebGpuKernels({ spec, weightFiles, dtype, gpu })
  try {
    for (const batch of request.batches) {
      if (performance.now() > endMs) {
        notRun.push(`${shape.name} in ${dtype} at [${batch.texts}, ${batch.tokens}]: there was no time left`)
        continue
      }
      const ms = await fastest(engine, batch)
      const { memory } = engine as Engine & { readonly memory: { readonly weights: number; readonly scratch: number } }
      rows.push({ ...batch, shape: shape.name, dtype, ms, tile: engine.tile ?? '', ...memory })
    }
  } finally {
    await engine.dispose()
  }
}

async function fastest(engine: Engine, { texts, tokens }: BatchShape): Promise<number> {
  const lengths = new Int32Array(texts).fill(tokens)
  const ids = createIds(texts * tokens)
  const batch: EncoderBatch = { count: texts, seqLength: tokens, ids, lengths, skippedTokens: 0 }
  const endMs = performance.now() + CASE_MS
  // The first compiles.
  await engine.run(batch)
  let best = Infinity
  for (let run = 0; run < RUNS && (run === 0 || performance.now() < endMs); run++) {
    const startedMs = performance.now()
    await engine.run(batch)
    best = Math.min(best, performance.now() - startedMs)
  }
  return best
}
