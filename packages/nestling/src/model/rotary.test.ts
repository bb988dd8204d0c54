import { listChangedFiles } from '@nestling/testing/disk'
import { rotaryFixtures, type RotaryFixture } from '@nestling/testing/rotary'
import { describe, expect, it } from 'vitest'
import { ConfigReader } from './configs/config-reader.js'
import { DownloadProgress } from './download/download-progress.js'
import { ModelFolder } from './model-folder.js'
import { readModel, type Model } from './read-model.js'
import { rotaryOf } from './rotary.js'

function frequencies(parameters: object, theta = 10_000, headDim = 4): readonly number[] {
  const reader = ConfigReader.of('config.json', parameters)
  return rotaryOf({ headDim, theta, positions: 128, parameters: reader }).inverseFrequencies
}

function read(model: string, config: object, sentence?: string): Promise<Model> {
  const changes = { 'config.json': JSON.stringify(config), ...(sentence && { 'sentence_bert_config.json': sentence }) }
  const files = listChangedFiles(model, changes)
  return readModel(new ModelFolder({ kind: 'listed', name: 'test', files }, new DownloadProgress(() => undefined)))
}

const ALL = rotaryFixtures()
const fixture = (name: string): RotaryFixture => ALL.find((each) => each.name === name) as RotaryFixture

describe('rotary frequencies of a folder', () => {
  it.each(ALL.filter((each) => each.frequencies !== undefined))(
    'are those of transformers: $name',
    async ({ model, config, frequencies: rows = [], attentionFactors }) => {
      const { rotaries } = (await read(model, config, '{"max_seq_length": 64}')).spec
      expect(rotaries).toHaveLength(rows.length)
      for (const [index, expected] of rows.entries()) {
        const { inverseFrequencies = [], attentionFactor = 1 } = rotaries[index] ?? {}
        expect(inverseFrequencies).toHaveLength(expected.length)
        // Python computes in float32.
        const errors = inverseFrequencies.map((value, at) => Math.abs(value / (expected[at] as number) - 1))
        expect(Math.max(...errors)).toBeLessThan(1e-5)
        expect(attentionFactor).toBeCloseTo(attentionFactors[index] as number, 6)
      }
    },
  )

  it.each(['qwen3: dynamic', 'qwen3: longrope'])(
    'hold for so many tokens, and no more may be read: %s',
    async (name) => {
      const { model, config } = fixture(name)
      const { spec } = await read(model, config, '{"max_seq_length": 64}')
      const { maxPositions = 0 } = spec.rotaries[0] ?? {}
      const text = JSON.stringify({ max_seq_length: maxPositions + 1 })
      await expect(read(model, config, text)).rejects.toMatchObject({
        code: 'model-unsupported',
        message: expect.stringMatching(new RegExp(`max_seq_length must be at most ${maxPositions} .*\\n`)) as string,
      })
    },
  )

  it('are refused where they differ by layer and the family has one kind of layer, as in Python', async () => {
    const { model, config } = fixture('qwen3: nothing')
    const nested = { full_attention: { rope_type: 'default' }, sliding_attention: { rope_type: 'default' } }
    await expect(read(model, { ...config, rope_parameters: nested })).rejects.toMatchObject({ code: 'model-invalid' })
  })

  it.each(['qwen3', 'nomic', 'gte', 'gemma3', 'modernbert'])(
    'are refused where %s has another type',
    async (family) => {
      const { model, config } = fixture(`${family}: nothing`)
      await expect(read(model, { ...config, rope_scaling: { rope_type: 'su', factor: 2 } })).rejects.toMatchObject({
        code: 'model-unsupported',
        message: expect.stringMatching(/rope_type must be one of default, .*: current value is su\n/) as string,
      })
      await expect(read(model, { ...config, rope_scaling: [2] })).rejects.toMatchObject({ code: 'model-invalid' })
    },
  )
})

describe('rotaryOf()', () => {
  it('falls by theta^(2i / dim)', () => {
    expect(frequencies({})).toEqual([1, 0.01])
    expect(frequencies({ rope_type: 'default', rope_theta: 100 })).toEqual([1, 0.1])
  })

  it('divides all frequencies for linear scaling', () => {
    expect(frequencies({ rope_type: 'linear', factor: 4 })).toEqual([0.25, 0.0025])
  })

  it('scales the base and the frequencies for NTK', () => {
    // theta 100 * 4 = 400 with 4^(2/4) = 2: 1 / 2 and 1 / (20 * 2).
    expect(frequencies({ type: 'ntk', factor: 4 }, 100)).toEqual([0.5, 0.025])
  })

  it.each<[string, object, RegExp]>([
    ['mixed NTK', { type: 'ntk', factor: 2, mixed_b: 1 }, /mixed_b/],
    ['partial heads', { rope_type: 'default', partial_rotary_factor: 0.5 }, /partial_rotary_factor/],
    ['a type of Object.prototype', { rope_type: 'toString' }, /current value is toString/],
    ['linear scaling by nothing', { rope_type: 'linear' }, /factor must be a finite number/],
    ['a factor that is infinite', { rope_type: 'dynamic', factor: Infinity }, /factor .*: current value is Infinity/],
    ['Llama scaling without its bounds', { rope_type: 'llama3', factor: 8, low_freq_factor: 1 }, /high_freq_factor/],
    ['LongRoPE with too few factors', { rope_type: 'longrope', short_factor: [1] }, /short_factor .* 2 numbers/],
  ])('refuses %s', (_, parameters, message) => {
    expect(() => frequencies(parameters)).toThrow(message)
  })
})
