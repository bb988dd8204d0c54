import { describe, expect, it } from 'vitest'
import { fixedNumber } from './fixed-number.js'

describe('fixedNumber()', () => {
  it('gives what rounds to zero no sign', () => {
    expect(fixedNumber(-0.004, 2)).toBe('0.00')
    expect(fixedNumber(-0, 2)).toBe('0.00')
    expect(fixedNumber(-1e-9, 3)).toBe('0.000')
    expect(fixedNumber(-0.4, 0)).toBe('0')
    expect(fixedNumber(0.004, 2)).toBe('0.00')
  })

  it('keeps the sign of what does not', () => {
    // -0.005 itself is nearer to -0.01 in binary.
    expect(fixedNumber(-0.005, 2)).toBe('-0.01')
    expect(fixedNumber(-0.0051, 2)).toBe('-0.01')
    expect(fixedNumber(-12.5, 1)).toBe('-12.5')
  })

  it('shows what is no number as no number', () => {
    expect(fixedNumber(NaN, 2)).toBe('–')
    expect(fixedNumber(Infinity, 1)).toBe('∞')
    expect(fixedNumber(-Infinity, 1)).toBe('-∞')
  })
})
