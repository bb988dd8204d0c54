import { describe, expect, it } from 'vitest'
import type { PoolingMode } from '../../model/encoder-spec.js'
import type { EncoderBatch } from '../engine.js'
import { poolHiddenStates } from './pool-hidden-states.js'

/** Two texts, of 3 and of 2 tokens, with hidden states of 2 components. Padding is NaN: it must never count. */
const BATCH: EncoderBatch = {
  count: 2,
  seqLength: 3,
  ids: new Int32Array(6),
  lengths: Int32Array.of(3, 2),
  skippedTokens: 0,
}
const HIDDEN = Float32Array.of(1, 10, 2, -20, 6, 40, -3, 5, -5, 7, NaN, NaN)

function pool(modes: readonly PoolingMode[], skippedTokens = 0): number[] {
  return Array.from(poolHiddenStates(HIDDEN, 2, modes, { ...BATCH, skippedTokens }))
}

describe('poolHiddenStates()', () => {
  it.each<[PoolingMode, number[]]>([
    ['cls', [1, 10, -3, 5]],
    ['lasttoken', [6, 40, -5, 7]],
    ['max', [6, 40, -3, 7]],
    ['mean', [3, 10, -4, 6]],
    // Sums over the square roots of 3 and 2.
    ['mean_sqrt_len_tokens', [9 / Math.sqrt(3), 30 / Math.sqrt(3), -8 / Math.SQRT2, 12 / Math.SQRT2]],
    // (1*1 + 2*2 + 3*6) / 6, (10 - 40 + 120) / 6, (-3 - 10) / 3, (5 + 14) / 3.
    ['weightedmean', [23 / 6, 15, -13 / 3, 19 / 3]],
  ])('pools by %s', (mode, expected) => {
    const pooled = pool([mode])
    expect(pooled).toHaveLength(expected.length)
    expected.forEach((value, index) => {
      expect(pooled[index]).toBeCloseTo(value, 5)
    })
  })

  it('leaves a prompt out', () => {
    expect(pool(['mean'], 1)).toEqual([4, 10, -5, 7])
    expect(pool(['max'], 1)).toEqual([6, 40, -5, 7])
    expect(pool(['cls'], 1)).toEqual([2, -20, -5, 7])
  })

  it('joins modes in their order, text by text', () => {
    expect(pool(['max', 'cls'])).toEqual([6, 40, 1, 10, -3, 7, -3, 5])
  })
})
