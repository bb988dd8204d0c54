import type { GpuStep } from '../../packages/nestling/src/engine/kernels/webgpu/gpu-step.js'
import { ATTENTION_FIELDS } from '../../packages/nestling/src/engine/kernels/webgpu/shaders/attention.js'
import { NORM_FIELDS } from '../../packages/nestling/src/engine/kernels/webgpu/shaders/norm.js'
import {
  PRODUCT_FIELDS,
  PRODUCT_FLAGS,
  type WeightKind,
} from '../../packages/nestling/src/engine/kernels/webgpu/shaders/product.js'
import { EMBED_FIELDS, POOL_FIELDS } from '../../packages/nestling/src/engine/kernels/webgpu/shaders/rows.js'

/** What a dispatch has to do at least. */
export interface StepCost {
  readonly label: string
  /** Multiplications and additions. */
  readonly operations: number
  /** Bytes read and written, each number once. */
  readonly bytes: number
}

/** Texts of one length. */
export interface BatchShape {
  readonly texts: number
  readonly tokens: number
}

/** Bytes of a word of four numbers, and of a word of four weights. */
const WORD = 16
const WEIGHT_WORD: Readonly<Record<WeightKind, number>> = { fp32: 16, fp16: 8, q8: 4 }

/**
 * Counts what a dispatch of a program has to do.
 *
 * @param kind - What the layers' weights are; the modules after pooling are float32.
 */
export function costOf(step: GpuStep, kind: WeightKind, { texts, tokens }: BatchShape): StepCost {
  const { label, parameters } = step
  const rows = step.counts === 'rows' ? texts * tokens : texts
  const field = <Name extends string>(fields: readonly Name[], name: Name): number =>
    parameters[fields.indexOf(name)] as number
  switch (label) {
    case 'attention': {
      const stride = field(ATTENTION_FIELDS, 'stride')
      const outStride = field(ATTENTION_FIELDS, 'outStride')
      return { label, operations: 4 * rows * tokens * 4 * outStride, bytes: rows * (stride + outStride) * WORD }
    }
    case 'norm': {
      const words = field(NORM_FIELDS, 'words')
      return { label, operations: 8 * rows * 4 * words, bytes: 2 * rows * words * WORD }
    }
    case 'embed': {
      const words = field(EMBED_FIELDS, 'words')
      return { label, operations: 2 * rows * 4 * words, bytes: rows * words * (WEIGHT_WORD[kind] + 2 * WORD) }
    }
    case 'pool': {
      const columns = field(POOL_FIELDS, 'columns')
      return { label, operations: 2 * texts * tokens * columns, bytes: 4 * columns * texts * (tokens + 1) }
    }
    default: {
      const depth = field(PRODUCT_FIELDS, 'depth')
      const words = field(PRODUCT_FIELDS, 'words')
      const outWords = field(PRODUCT_FIELDS, 'outWords')
      const isSum = (field(PRODUCT_FIELDS, 'flags') & PRODUCT_FLAGS.addToOutput) !== 0
      const weights = 4 * depth * words * WEIGHT_WORD[label === 'dense' ? 'fp32' : kind]
      const moved = rows * (depth + outWords * (isSum ? 2 : 1)) * WORD
      return { label, operations: 2 * rows * 4 * depth * 4 * words, bytes: weights + moved }
    }
  }
}
