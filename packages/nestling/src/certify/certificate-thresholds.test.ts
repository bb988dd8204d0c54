import { describe, expect, it } from 'vitest'
import type { PoolingChain, WeightRef } from '../model/encoder-spec.js'
import { thresholdsOf } from './certificate-thresholds.js'

const weight = (dtype: WeightRef['dtype']): WeightRef => {
  return { name: 'w', file: 'f', offset: 0, byteLength: 1, shape: [1, 1], dtype }
}
const spec = (dtype: WeightRef['dtype']): PoolingChain => ({
  pooling: { modes: ['mean'], includePrompt: true },
  tail: [{ kind: 'dense', linear: { weight: weight(dtype) }, activation: 'identity', outDim: 1 }],
  dim: 1,
})

describe('thresholdsOf()', () => {
  it('follows what is computed with, and how weights are stored', () => {
    expect(thresholdsOf('golden', 'fp32', spec('F32'))?.min).toBe(0.9999)
    expect(thresholdsOf('golden', 'fp16', spec('F32'))?.min).toBe(0.999)
    expect(thresholdsOf('golden', 'fp32', spec('I8'))).toEqual({ min: 0.99, mean: 0.998 })
    expect(thresholdsOf('golden', 'fp16', spec('I8'))).toEqual({ min: 0.99, mean: 0.998 })
    expect(thresholdsOf('golden', 'q8', spec('F32'))).toEqual({ min: 0.975, mean: 0.995 })
    expect(thresholdsOf('golden', 'q4', spec('F32'))).toBeUndefined()
  })

  it('is as strict as float32 against a reference with the same int8 weights', () => {
    expect(thresholdsOf('reference', 'fp32', spec('I8'))?.min).toBe(0.9999)
  })
})
