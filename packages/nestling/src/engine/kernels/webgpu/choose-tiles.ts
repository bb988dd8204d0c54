import { within } from '@nestling/kit/calls/within'
import type { EncoderSpec } from '../../../model/encoder-spec.js'
import type { GpuPipelines } from './gpu-pipelines.js'
import { parametersOf } from './gpu-step.js'
import { FEW_ROWS, productKernel } from './product-kernels.js'
import { PRODUCT_FIELDS, type Tile, type WeightKind } from './shaders/product.js'
import { DEFAULT_TILES, tileOf } from './tiles.js'

/** What is tried; the first of each is taken where nothing could be measured. */
const CANDIDATES = {
  few: ['direct-16x8x4', 'direct-32x4x4', 'direct-8x16x4'],
  bulk: ['shared-16x16x4', 'shared-8x8x8', 'shared-16x8x8'],
} as const

/** Rows that are multiplied: a query, and a slice of passages. */
const ROWS = { few: FEW_ROWS, bulk: 512 } as const

/** Trying ends here; what was not tried by then is not taken. */
const LIMIT_MS = 100

/** Products of one measurement: an adapter's clock starts and ends with a submit, which alone takes tenths of a millisecond. */
const REPEATS = 4

/** What trying needs. */
export interface TileTrial {
  readonly device: GPUDevice
  readonly pipelines: GpuPipelines
  readonly spec: EncoderSpec
  readonly kind: WeightKind
  /** How long it may take. */
  readonly limitMs?: number
}

/**
 * Finds out how products are best cut on a GPU: runs the largest product of a layer in a few ways, for a few rows and for many.
 *
 * @param trial - The GPU and the model.
 * @returns The name of the tiles, see {@link tilesOf}; the usual ones where a GPU is too slow to find out.
 */
export async function chooseTiles(trial: TileTrial): Promise<string> {
  const shape = shapeOf(trial.spec)
  if (shape === undefined) return DEFAULT_TILES
  const run = new Trial(trial, shape)
  try {
    const few = await run.fastest('few')
    return `${few}/${await run.fastest('bulk')}`
  } finally {
    run.destroy()
  }
}

/** Words of the inputs and of the columns of a product. */
interface Shape {
  readonly depth: number
  readonly words: number
}

function shapeOf({ layers }: EncoderSpec): Shape | undefined {
  const up = layers[0]?.feedForward.up.weight.shape
  if (up === undefined) return undefined
  const [columns = 1, depth = 1] = up
  return { depth: Math.ceil(depth / 4), words: 2 * Math.ceil(columns / 8) }
}

/** Bytes of a word of four weights. */
const WEIGHT_BYTES = { fp32: 16, fp16: 8, q8: 4 } as const
const WORD = 16

class Trial {
  readonly #trial: TileTrial
  readonly #shape: Shape
  readonly #buffers: readonly GPUBuffer[]
  readonly #endMs: number

  constructor(trial: TileTrial, shape: Shape) {
    const { device, kind, limitMs = LIMIT_MS } = trial
    const { depth, words } = shape
    this.#trial = trial
    this.#shape = shape
    this.#endMs = performance.now() + limitMs
    const { STORAGE, UNIFORM, COPY_DST } = GPUBufferUsage
    const create = (size: number, usage = STORAGE): GPUBuffer =>
      device.createBuffer({ label: 'trial', size, usage: usage | COPY_DST })
    const parameters = parametersOf(PRODUCT_FIELDS, {
      ...{ depth, words, outWords: words, inStride: depth, outStride: words },
      ...{ countAt: 0, activation: 0, flags: 0 },
    })
    this.#buffers = [
      create(WORD),
      create(parameters.byteLength, UNIFORM),
      create(ROWS.bulk * depth * WORD),
      create(4 * depth * words * WEIGHT_BYTES[kind]),
      create(2 * words * WORD),
      create(ROWS.bulk * words * WORD),
    ]
    device.queue.writeBuffer(this.#buffers[1] as GPUBuffer, 0, parameters)
  }

  /** Gives the name of the fastest tile. */
  async fastest(rows: keyof typeof ROWS): Promise<string> {
    const names = CANDIDATES[rows]
    let best: { readonly name: string; readonly ms: number } | undefined
    const compiling = names.map((name) => this.#compile(name))
    for (const [index, name] of names.entries()) {
      const pipeline = await this.#within(compiling[index] as Promise<GPUComputePipeline>)
      if (pipeline === undefined) continue
      const ms = await this.#within(this.#time(pipeline, name, ROWS[rows]))
      if (ms !== undefined && ms < (best?.ms ?? Infinity)) best = { name, ms }
    }
    return best?.name ?? names[0]
  }

  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy()
  }

  /** What is not there in time, or cannot be had, is left out. */
  async #within<T>(work: Promise<T>): Promise<T | undefined> {
    return within(work, Math.max(0, this.#endMs - performance.now())).catch(() => undefined)
  }

  #compile(name: string): Promise<GPUComputePipeline> {
    const { pipelines, kind } = this.#trial
    const { code } = productKernel(kind, tile(name), this.#shape.words, 'rows')
    return pipelines.compile('trial', code, IS_WRITTEN)
  }

  async #time(pipeline: GPUComputePipeline, name: string, rows: number): Promise<number> {
    const { device, pipelines, kind } = this.#trial
    device.queue.writeBuffer(this.#buffers[0] as GPUBuffer, 0, Uint32Array.of(rows))
    const entries = this.#buffers.map((buffer, binding) => ({ binding, resource: { buffer } }))
    const group = device.createBindGroup({ layout: pipelines.layoutOf(IS_WRITTEN), entries })
    const groups = productKernel(kind, tile(name), this.#shape.words, 'rows').groups({ rows, texts: 1, blocks: 0 })
    const run = async (count: number): Promise<number> => {
      const startedMs = performance.now()
      const encoder = device.createCommandEncoder()
      const pass = encoder.beginComputePass()
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, group)
      for (let index = 0; index < count; index++) pass.dispatchWorkgroups(...groups)
      pass.end()
      device.queue.submit([encoder.finish()])
      await device.queue.onSubmittedWorkDone()
      return performance.now() - startedMs
    }
    await run(1)
    return run(REPEATS)
  }
}

/** Of each binding of a product from the third on. */
const IS_WRITTEN = [false, false, false, true]

function tile(name: string): Tile {
  const found = tileOf(name)
  if (found === undefined) throw new Error(`Cannot read the tile ${name}`)
  return found
}
