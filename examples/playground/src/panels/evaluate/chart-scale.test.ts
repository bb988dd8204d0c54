import { describe, expect, it } from 'vitest'
import { fixedNumber } from '../../../../in-page-search/src/fixed-number.js'
import { chartScale } from './chart-scale.js'

/** What stands beside the lines. */
const labels = (values: readonly number[]): readonly string[] => {
  const { ticks, digits } = chartScale(values, 5)
  return ticks.map((tick) => fixedNumber(tick, digits))
}

describe('chartScale()', () => {
  it('gives every line a number of its own', () => {
    expect(labels([0.612, 0.615])).toEqual(['0.612', '0.614', '0.616'])
    expect(labels([0.4, 0.8])).toEqual(['0.40', '0.50', '0.60', '0.70', '0.80'])
  })

  it('gives zero no sign', () => {
    expect(labels([-0.2, 0.2])).toEqual(['-0.20', '-0.10', '0.00', '0.10', '0.20'])
    expect(labels([-0.004, 0])).toContain('0.000')
  })
})
