import { describe, expect, it } from 'vitest'
import { VectorComparison } from './compare-vectors.js'

const EXACT = { min: 0.9999, mean: 0.9999 }
const vector = (...values: readonly number[]): Float32Array => Float32Array.from(values)

describe('VectorComparison', () => {
  it('measures cosines at every dim', () => {
    const comparison = new VectorComparison([2, 1])
    // (3, 4) and (4, 3): 24 / 25; their first components point the same way.
    comparison.add('a', vector(3, 4), vector(4, 3))
    comparison.add('b', vector(1, 0), vector(1, 0))
    expect(comparison.minCosine).toBeCloseTo(0.96, 6)
    expect(comparison.meanCosine).toBeCloseTo(0.98, 6)
    expect(comparison.failure({ min: 0.95, mean: 0.97 })).toBeUndefined()
    expect(comparison.failure({ min: 0.97, mean: 0 })).toBe('the lowest cosine at dim 2 is 0.96, below 0.97')
    expect(comparison.failure({ min: 0.9, mean: 0.99 })).toBe('the mean cosine at dim 2 is 0.98, below 0.99')
  })

  it('allows a norm to be off by 1 %', () => {
    const near = new VectorComparison([2])
    near.add('a', vector(3.027, 4.036), vector(3, 4))
    expect(near.failure(EXACT)).toBeUndefined()
    const far = new VectorComparison([2])
    far.add('a', vector(3.06, 4.08), vector(3, 4))
    expect(far.failure(EXACT)).toBe('the norm of a is 5.1 instead of 5')
  })

  it('takes zeros where zeros are expected, and nowhere else', () => {
    const comparison = new VectorComparison([2])
    comparison.add('empty', vector(0, 0), vector(0, 0))
    expect(comparison.failure(EXACT)).toBe('no vector could be compared')
    comparison.add('a', vector(3, 4), vector(3, 4))
    expect(comparison.failure(EXACT)).toBeUndefined()
    comparison.add('empty', vector(1, 0), vector(0, 0))
    expect(comparison.failure(EXACT)).toBe('the norm of empty is 1 instead of 0')
  })

  it('fails vectors of another length', () => {
    const comparison = new VectorComparison([2])
    comparison.add('a', vector(3), vector(3, 4))
    expect(comparison.failure(EXACT)).toMatch(/^a has/)
  })
})
