import { encoderProgram } from '../../packages/nestling/src/engine/kernels/webgpu/encoder-steps.js'
import type { GpuStep } from '../../packages/nestling/src/engine/kernels/webgpu/gpu-step.js'
import { GpuWeights } from '../../packages/nestling/src/engine/kernels/webgpu/gpu-weights.js'
import { tilesOf } from '../../packages/nestling/src/engine/kernels/webgpu/tiles.js'
import { inMemoryModel, SHAPES, type ModelShape } from './in-memory-model.js'
import { costOf, type BatchShape, type StepCost } from './step-cost.js'

/** A GPU by its data sheet. */
interface Gpu {
  readonly name: string
  /** Float32 operations a second. */
  readonly peak: number
  /** Bytes a second. */
  readonly bandwidth: number
}

/** Shader units times two operations times clock; memory's clock times width. */
const GPUS: readonly Gpu[] = [
  { name: 'Intel Iris Xe (96 EU, LPDDR4x-4266)', peak: 96 * 8 * 2 * 1.35e9, bandwidth: 68.3e9 },
  { name: 'GeForce RTX 4060 Laptop', peak: 3072 * 2 * 1.89e9, bandwidth: 256e9 },
  { name: 'GeForce RTX 4070', peak: 5888 * 2 * 2.475e9, bandwidth: 504e9 },
]

const BATCHES: readonly BatchShape[] = [
  { texts: 1, tokens: 16 },
  { texts: 32, tokens: 128 },
]

/** Seconds from a dispatch to the next, and of a submit with its read-back, as public measurements of WebGPU have them. */
const DISPATCH_S = 5e-6
const SUBMIT_S = 3e-4

/** What hand-written products in WGSL reach of the peak, published: a third at 1,024 columns, two thirds at 4,096. */
const PRODUCT_SHARE = 0.35

/** The dispatches of a program, equal ones together. */
export interface CountedStep extends StepCost {
  readonly count: number
}

/**
 * Counts the dispatches of a model, as the program has them that runs.
 *
 * @param batch - Texts of one length.
 */
export function countSteps(shape: ModelShape, batch: BatchShape): CountedStep[] {
  const { steps } = programOf(shape)
  const counted = new Map<string, CountedStep>()
  for (const step of steps) {
    const cost = costOf(step, 'q8', batch)
    const key = `${cost.label} ${cost.operations} ${cost.bytes}`
    counted.set(key, { ...cost, count: (counted.get(key)?.count ?? 0) + 1 })
  }
  return [...counted.values()]
}

/**
 * Writes the program of a shape in int8, on no GPU.
 *
 * @returns Its dispatches, and the bytes that its weights take.
 */
export function programOf(shape: ModelShape): { readonly steps: readonly GpuStep[]; readonly weightBytes: number } {
  const { spec, weightFiles } = inMemoryModel(shape, true)
  const tiles = tilesOf('direct-16x8x4/shared-16x16x4')
  if (tiles === undefined) throw new Error('Cannot read the tiles')
  const weights = new GpuWeights(paperDevice(), weightFiles)
  const { steps } = encoderProgram({ spec, weights, kind: 'q8', tiles })
  return { steps, weightBytes: weights.byteLength }
}

/** Takes weights and computes nothing. */
function paperDevice(): GPUDevice {
  Object.assign(globalThis, { GPUBufferUsage: { STORAGE: 128 } })
  const createBuffer = ({ label, size }: GPUBufferDescriptor): Partial<GPUBuffer> => ({
    label: label ?? '',
    size,
    getMappedRange: () => new ArrayBuffer(size),
    unmap: () => undefined,
  })
  return { limits: { maxStorageBufferBindingSize: 2 ** 30 }, createBuffer } as unknown as GPUDevice
}

/**
 * Writes what the default model's shape needs at least on three GPUs.
 *
 * @returns Markdown.
 */
export function onPaper(): string {
  const [shape] = SHAPES
  if (shape === undefined) throw new Error('Cannot count without a shape')
  return BATCHES.map((batch) => paperTable(shape, batch)).join('\n\n')
}

function paperTable(shape: ModelShape, batch: BatchShape): string {
  const steps = countSteps(shape, batch)
  const head = ['dispatch', 'times', 'MFLOP', 'kB', ...GPUS.map(({ name }) => name)]
  const lines = steps.map((step) => [
    step.label,
    String(step.count),
    (step.operations / 1e6).toFixed(2),
    (step.bytes / 1e3).toFixed(0),
    ...GPUS.map((gpu) => `${(secondsOf(step, gpu).seconds * 1e6).toFixed(1)} us, ${secondsOf(step, gpu).bound}`),
  ])
  const operations = steps.reduce((sum, step) => sum + step.count * step.operations, 0)
  const bytes = steps.reduce((sum, step) => sum + step.count * step.bytes, 0)
  const dispatches = steps.reduce((sum, step) => sum + step.count, 0)
  const totals = GPUS.map((gpu) => {
    const seconds = SUBMIT_S + steps.reduce((sum, step) => sum + step.count * secondsOf(step, gpu).seconds, 0)
    return `${(seconds * 1e3).toFixed(2)} ms, ${((100 * operations) / seconds / gpu.peak).toFixed(1)} %`
  })
  const last = [
    'all, with a submit',
    String(dispatches),
    (operations / 1e6).toFixed(0),
    (bytes / 1e3).toFixed(0),
    ...totals,
  ]
  return `[${batch.texts}, ${batch.tokens}]:\n\n${markdown([head, head.map(() => '---'), ...lines, last])}`
}

function markdown(lines: readonly (readonly string[])[]): string {
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** Whatever takes longest: computing at what products reach, moving bytes, or the dispatch itself. */
function secondsOf(step: StepCost, { peak, bandwidth }: Gpu): { readonly seconds: number; readonly bound: string } {
  const bounds = [
    { seconds: step.operations / (peak * PRODUCT_SHARE), bound: 'arithmetic' },
    { seconds: step.bytes / bandwidth, bound: 'memory' },
    { seconds: DISPATCH_S, bound: 'dispatch' },
  ]
  return bounds.reduce((most, other) => (other.seconds > most.seconds ? other : most))
}
