import { within } from '@nestling/kit/calls/within'
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

async function measureModel(measuring: Measuring): Promise<void> {
  const { gpu, shape, dtype, notRun } = measuring
  const name = `${shape.name} in ${dtype}`
  const { spec, weightFiles } = inMemoryModel(shape, dtype === 'q8')
  // A GPU that has no room for one model, or is lost in it, may have room for another.
  const engine = await createWebGpuKernels({ spec, weightFiles, dtype, gpu }).catch((error: unknown) => {
    notRun.push(`${name}: ${String(error)}`)
  })
  if (engine !== undefined) await measureBatches(engine, measuring, name)
}

async function measureBatches(
  engine: Engine,
  { shape, dtype, request, endMs, rows, notRun }: Measuring,
  name: string,
): Promise<void> {
  try {
    for (const batch of request.batches) {
      const at = `${name} at [${batch.texts}, ${batch.tokens}]`
      const leftMs = endMs - performance.now()
      const ms = leftMs > 0 ? await within(fastest(engine, batch), leftMs).catch(String) : undefined
      if (typeof ms !== 'number') {
        notRun.push(`${at}: ${ms ?? 'there was no time left'}`)
        // What still runs would be in the next times.
        if (leftMs > 0) return
        continue
      }
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
