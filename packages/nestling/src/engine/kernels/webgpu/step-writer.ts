import { MIN_NORM } from '@nestling/kit/math/norm'
import type { NormSpec } from '../../../model/encoder-spec.js'
import type { GpuScratchName, GpuWidths } from './gpu-scratch.js'
import { parametersOf, type GpuBinding, type GpuStep, type Kernel } from './gpu-step.js'
import type { GpuLinear, GpuWeights } from './gpu-weights.js'
import { productKernel, type Tiles } from './product-kernels.js'
import { NORM, NORM_FIELDS, NORM_FLAGS, NORM_KINDS } from './shaders/norm.js'
import { PRODUCT_FIELDS } from './shaders/product.js'

/** Words of four numbers that hold so many. */
export function wordsOf(columns: number): number {
  return Math.ceil(columns / 4)
}

/** Binds buffers to be read. */
export function reads(...buffers: readonly (GPUBuffer | GpuScratchName)[]): GpuBinding[] {
  return buffers.map((buffer) => ({ buffer }))
}

/** Binds a buffer to be written. */
export function written(buffer: GpuScratchName): GpuBinding {
  return { buffer, isWritten: true }
}

/** Where the rows of a product come from and go to. */
export interface Way {
  readonly input: GpuScratchName
  readonly inStride: number
  readonly output: GpuScratchName
  readonly outStride: number
  readonly counts?: 'rows' | 'texts'
  readonly activation?: number
  readonly flags?: number
}

/** Where the rows of a norm come from and go to. */
export interface NormWay {
  readonly columns: number
  /** Same as `output` where it is normalised in place. */
  readonly input: GpuScratchName
  readonly output: GpuScratchName
  readonly stride: number
  readonly counts?: 'rows' | 'texts'
  readonly isAdded?: boolean
  /** Goes into `input` of the next half. */
  readonly next?: NormSpec | undefined
}

/** Where a run says how many there are. */
const COUNTS = ['rows', 'texts'] as const

/** Writes steps down, and how wide the rows of buffers must be. */
export class StepWriter {
  readonly steps: GpuStep[] = []
  readonly widths: Record<keyof GpuWidths, number> = {
    hidden: 0,
    input: 0,
    result: 0,
    wide: 0,
    context: 0,
    pooled: 0,
    vectors: 0,
  }
  readonly #weights: GpuWeights
  readonly #tiles: Tiles
  /** Norm whose result is in `input` already. */
  #ready: NormSpec | undefined

  /** Starts empty. */
  constructor(weights: GpuWeights, tiles: Tiles) {
    this.#weights = weights
    this.#tiles = tiles
  }

  /** Whether `input` has what this norm gives, from now on no more. */
  takeReady(norm: NormSpec): boolean {
    const isReady = this.#ready === norm
    this.#ready = undefined
    return isReady
  }

  /** Writes a product down. */
  product(label: string, linear: GpuLinear, way: Way, outWords: number = way.outStride): void {
    const { input, output, inStride, outStride, counts = 'rows', activation = 0, flags = 0 } = way
    const { kind, depth, words, weights, columns } = linear
    const { few, bulk } = this.#tiles
    this.steps.push({
      label,
      counts,
      kernels: {
        few: productKernel(kind, few, words, counts),
        bulk: productKernel(kind, bulk, words, counts),
      },
      parameters: parametersOf(PRODUCT_FIELDS, {
        depth,
        words,
        outWords,
        inStride,
        outStride,
        countAt: COUNTS.indexOf(counts),
        activation,
        flags,
      }),
      bindings: [...reads(input, weights, columns), written(output)],
    })
  }

  /** Writes a norm down. */
  norm(norm: NormSpec | 'normalize', way: NormWay): void {
    const { columns, input, output, stride, counts = 'rows', isAdded = false, next } = way
    const isInPlace = input === output
    const { none } = this.#weights
    const own = norm === 'normalize' ? undefined : norm
    if (next !== undefined || output === 'input') this.widen('input', stride)
    this.#ready = next
    this.add({
      label: 'norm',
      counts,
      kernel: { code: NORM, groups: (size) => [size[counts], 1] },
      parameters: parametersOf(
        NORM_FIELDS,
        {
          words: wordsOf(columns),
          columns,
          sourceStride: stride,
          stride,
          nextStride: stride,
          flags:
            (isInPlace ? NORM_FLAGS.inPlace : 0) |
            (isAdded ? NORM_FLAGS.add : 0) |
            (next === undefined ? 0 : NORM_FLAGS.hasNext),
          kind: NORM_KINDS[own?.kind ?? 'l2'],
          nextKind: NORM_KINDS[next?.kind ?? 'layer'],
        },
        [own?.epsilon ?? MIN_NORM, next?.epsilon ?? 0],
      ),
      bindings: [
        { buffer: isInPlace ? none : input },
        {
          buffer:
            own === undefined ? none : this.#weights.norms(next === undefined ? [own] : [own, next], columns, true),
        },
        written(output),
        written(next === undefined ? 'spare' : 'input'),
      ],
    })
  }

  /** Writes a dispatch down whose kernel is the same for few rows and for more. */
  add(
    step: Omit<GpuStep, 'kernels' | 'counts'> & { readonly kernel: Kernel; readonly counts?: 'rows' | 'texts' },
  ): void {
    const { kernel, counts = 'rows', ...rest } = step
    this.steps.push({ ...rest, counts, kernels: { few: kernel, bulk: kernel } })
  }

  /** Makes room in the rows of a buffer. */
  widen(name: keyof GpuWidths, words: number): void {
    this.widths[name] = Math.max(this.widths[name], words)
  }
}
