import { expect, it } from 'vitest'
import { parametersOf, type GpuStep } from '../../packages/nestling/src/engine/kernels/webgpu/gpu-step.js'
import { PRODUCT_FIELDS, PRODUCT_FLAGS } from '../../packages/nestling/src/engine/kernels/webgpu/shaders/product.js'
import { SHAPES } from './in-memory-model.js'
import { programOf } from './on-paper.js'
import { costOf } from './step-cost.js'

it('costOf() counts the operations and bytes of a product', () => {
  const kernel = { code: '', groups: () => [1, 1] as const }
  const parameters = parametersOf(PRODUCT_FIELDS, {
    // 384 inputs, 1536 columns.
    ...{ depth: 96, words: 384, outWords: 384, inStride: 96, outStride: 384, countAt: 0, activation: 1 },
    flags: PRODUCT_FLAGS.addToOutput,
  })
  const step: GpuStep = {
    label: 'up',
    kernels: { few: kernel, bulk: kernel },
    counts: 'rows',
    parameters,
    bindings: [],
  }
  expect(costOf(step, 'q8', { texts: 2, tokens: 8 })).toEqual({
    label: 'up',
    operations: 2 * 16 * 384 * 1536,
    // Weights of a byte; inputs, and what is there, read; sums written.
    bytes: 384 * 1536 + 16 * 384 * 4 + 2 * 16 * 1536 * 4,
  })
})

it('programOf() has seven dispatches a layer, and the weights of a seed in int8 take less than 110 MB', () => {
  const shape = SHAPES.find(({ name }) => name === '6 x 768')
  if (shape === undefined) throw new Error('Expected the shape of the seed')
  const { steps, weightBytes } = programOf(shape)
  // Embedding, its norm, pooling and the norm of vectors.
  expect(steps).toHaveLength(6 * 7 + 4)
  const matrices = shape.vocabulary * 768 + 6 * (4 * 768 * 768 + 2 * 768 * 3072)
  expect(weightBytes).toBeGreaterThan(matrices)
  expect(weightBytes).toBeLessThanOrEqual(110e6)
})
