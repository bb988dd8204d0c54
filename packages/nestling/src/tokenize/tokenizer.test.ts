import { readFixtureJson, readGolden } from '@nestling/testing/disk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.js'

const MODELS = ['bert-mean-normalize', 'bert-max', 'bert-cls-mean-max', 'roberta-mean-matryoshka', 'roberta-lm-prefix']

function tokenizerOf(model: string, maxLength = 64, doLowerCase = false): Tokenizer {
  const [json, config] = [readFixtureJson(model, 'tokenizer.json'), readFixtureJson(model, 'tokenizer_config.json')]
  return new Tokenizer(json, config, { maxLength, doLowerCase })
}

const bert = tokenizerOf('bert-mean-normalize')
const idsOf = (text: string, tokenizer = bert): number[] => Array.from(tokenizer.encode(text).ids)

const bertJson = readFixtureJson('bert-mean-normalize', 'tokenizer.json') as object

/** JSON has no cycles; nesting deeper than the stack is what comes closest. */
function cyclicNormalizer(): object {
  const normalizer = { type: 'Sequence', normalizers: [] as object[] }
  normalizer.normalizers.push(normalizer)
  return normalizer
}

describe.each(MODELS)('Tokenizer of %s', (model) => {
  it('gives the ids that Python gives, hostile texts included', () => {
    const { texts, tokenIds } = readGolden(model)
    const tokenizer = tokenizerOf(model)
    expect(texts.map((text) => idsOf(text, tokenizer))).toEqual(tokenIds)
  })
})

describe('Tokenizer', () => {
  it('keeps both special tokens when it cuts, and tells how many there were', () => {
    const long = 'away from the children '.repeat(50)
    const { ids, tokenCount } = tokenizerOf('bert-mean-normalize', 8).encode(long)
    expect(ids).toHaveLength(8)
    expect([ids[0], ids[7]]).toEqual([2, 3])
    expect(Array.from(ids.subarray(1, 7))).toEqual(idsOf(long).slice(1, 7))
    expect(tokenCount).toBe(50 * 5 + 2)
  })

  it('splits ideographs of supplementary planes as Python does, which the library alone does not', () => {
    // Two characters that the vocabulary lacks are two unknown words, not one.
    expect(idsOf('\u{20001}\u{20002}')).toEqual([2, 1, 1, 3])
    expect(idsOf('a\u{2B740}b')).toEqual(idsOf('a \u{2B740} b'))
  })

  it('takes lone surrogates for U+FFFD and never throws', () => {
    expect(idsOf('a \ud800 b')).toEqual(idsOf('a \ufffd b'))
    expect(idsOf('\udfff')).toEqual(idsOf('\ufffd'))
    const texts = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    fc.assert(
      fc.property(texts, (units) => {
        const { ids, tokenCount } = bert.encode(String.fromCharCode(...units))
        expect(ids.length).toBe(Math.min(tokenCount, 64))
      }),
    )
  })

  it('lowercases first where the folder asks for it, and leaves special tokens alone', () => {
    const cased = tokenizerOf('roberta-lm-prefix')
    const lower = tokenizerOf('roberta-lm-prefix', 64, true)
    expect(idsOf('MiXeD Case', lower)).toEqual(idsOf('mixed case', cased))
    expect(idsOf('MiXeD Case', cased)).not.toEqual(idsOf('mixed case', cased))
    expect(idsOf('<mask>', lower)).toEqual(idsOf('<mask>', cased))
  })

  it('knows the padding id and whether a special token ends each text', () => {
    expect(bert.paddingId).toBe(0)
    expect(tokenizerOf('roberta-lm-prefix').paddingId).toBe(1)
    expect(bert.hasSuffix).toBe(true)
  })

  it('refuses a length without room for the special tokens', () => {
    expect(() => tokenizerOf('bert-mean-normalize', 1)).toThrow(/room for the special tokens: current value is 1/)
  })

  it.each<[string, unknown, unknown]>([
    ['an unknown model', { model: { type: 'Martian' }, added_tokens: [] }, {}],
    ['nothing', {}, {}],
    ['a model that is a number', { model: 7 }, {}],
    ['normalizers that are no list', { normalizer: { type: 'Sequence', normalizers: {} } }, {}],
    ['a normalizer that has itself inside', { normalizer: cyclicNormalizer() }, {}],
    ['a post-processor without a template', { ...bertJson, post_processor: { type: 'TemplateProcessing' } }, {}],
    ['no config', {}, null],
  ])('refuses a tokenizer.json with an error that names it: %s', (_, json, config) => {
    const errors = [false, true].map((doLowerCase) => {
      try {
        return new Tokenizer(json, config, { maxLength: 8, doLowerCase })
      } catch (error) {
        return error
      }
    })
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'model-unsupported', details: { path: 'tokenizer.json' } })
    }
  })
})
