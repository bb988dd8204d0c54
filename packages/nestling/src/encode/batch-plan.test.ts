import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planBatches } from './batch-plan.js'

describe('planBatches()', () => {
  it('groups texts of like length and limits texts and padded tokens', () => {
    const plan = planBatches([5, 100, 7, 6, 90, 5], { batchSize: 3, tokenBudget: 180 })
    expect(plan).toEqual([[0, 5, 3], [2], [4], [1]])
  })

  it('lets a single text exceed the budget', () => {
    expect(planBatches([500], { batchSize: 8, tokenBudget: 10 })).toEqual([[0]])
  })

  it('ends a batch where too much of it would be padding', () => {
    // Two texts of 100 tokens with eight of 10 would be 1000 tokens, of which 720 padding.
    const lengths = [10, 10, 10, 10, 10, 10, 10, 10, 100, 100]
    expect(planBatches(lengths, { batchSize: 32, tokenBudget: 9999 })).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [8, 9],
    ])
  })

  it('wastes at most a tenth on mixed texts of 10 to 256 tokens', () => {
    const lengths = Array.from({ length: 500 }, (_, index) => 10 + ((index * 97) % 247))
    const plan = planBatches(lengths, { batchSize: 32, tokenBudget: 512 })
    const padded = plan.reduce(
      (sum, batch) => sum + batch.length * Math.max(...batch.map((index) => lengths[index] ?? 0)),
      0,
    )
    const own = lengths.reduce((sum, length) => sum + length, 0)
    expect(padded / own).toBeLessThan(1.1)
  })

  it('has no batches for no texts', () => {
    expect(planBatches([], { batchSize: 8, tokenBudget: 10 })).toEqual([])
  })

  it('puts each text into one batch, within the limits', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 })
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 2000 }),
        (all, batchSize, tokenBudget) => {
          const plan = planBatches(all, { batchSize, tokenBudget })
          expect(plan.flat().sort((a, b) => a - b)).toEqual(all.map((_, index) => index))
          for (const batch of plan) {
            const longest = Math.max(...batch.map((index) => all[index] ?? 0))
            expect(batch.length).toBeLessThanOrEqual(batchSize)
            expect(batch.length === 1 || batch.length * longest <= tokenBudget).toBe(true)
          }
        },
      ),
    )
  })
})
