import { describe, expect, it } from 'vitest'
import { ConfigReader } from './config-reader.js'
import { rotaryOf, rotaryScalingOf } from './rotary.js'

const reader = (values: object): ConfigReader => ConfigReader.of('config.json', values)

function frequencies(scaling: object | undefined, theta = 10_000, headDim = 4): readonly number[] {
  const reading = scaling === undefined ? undefined : reader(scaling)
  return rotaryOf({ headDim, theta, scaling: reading }).inverseFrequencies
}

describe('rotaryOf()', () => {
  it('falls by theta^(2i / dim)', () => {
    expect(frequencies(undefined)).toEqual([1, 0.01])
    expect(frequencies({ rope_type: 'default', rope_theta: 100 })).toEqual([1, 0.1])
  })

  it('divides all frequencies for linear scaling', () => {
    expect(frequencies({ rope_type: 'linear', factor: 4 })).toEqual([0.25, 0.0025])
  })

  it('scales the base and the frequencies for NTK', () => {
    // theta 100 * 4 = 400 with 4^(2/4) = 2: 1 / 2 and 1 / (20 * 2).
    expect(frequencies({ type: 'ntk', factor: 4 }, 100)).toEqual([0.5, 0.025])
  })

  it.each([
    ['yarn', { rope_type: 'yarn', factor: 2 }, /current value is yarn/],
    ['mixed NTK', { type: 'ntk', factor: 2, mixed_b: 1 }, /current value is ntk/],
    ['partial heads', { rope_type: 'default', partial_rotary_factor: 0.5 }, /partial_rotary_factor/],
  ])('refuses %s', (_, scaling, message) => {
    expect(() => frequencies(scaling)).toThrow(message)
  })
})

describe('rotaryScalingOf()', () => {
  it('reads each form that transformers wrote', () => {
    expect(rotaryScalingOf(reader({}))).toBeUndefined()
    expect(rotaryScalingOf(reader({ rope_scaling: null }))).toBeUndefined()
    expect(rotaryScalingOf(reader({ rope_scaling: { type: 'ntk' } }))?.values).toEqual({ type: 'ntk' })
    const both = reader({
      rope_parameters: { full_attention: { rope_theta: 1 }, sliding_attention: { rope_theta: 2 } },
    })
    expect(rotaryScalingOf(both, 'sliding_attention')?.values).toEqual({ rope_theta: 2 })
  })
})
