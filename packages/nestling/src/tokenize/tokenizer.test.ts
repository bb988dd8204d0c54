import { readFixtureJson, readGolden } from '@nestling/testing/disk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.js'

const TRANSFORMERS = [
  ...['albert-mean', 'bert-bf16-sharded', 'bert-cls-mean-max', 'bert-cls-prompts', 'bert-fp16', 'bert-lasttoken'],
  ...['bert-legacy-names', 'bert-max', 'bert-mean-normalize', 'bert-mean-sqrt-len', 'bert-prompt-excluded'],
  ...['bert-weightedmean', 'camembert-mean', 'distilbert-dense-tanh', 'electra-mean', 'gemma3-dense', 'gte-cls'],
  ...['modernbert-cls', 'mpnet-mean-normalize', 'nomic-bert-matryoshka', 'qwen3-lasttoken', 'roberta-lm-prefix'],
  ...['roberta-mean-matryoshka', 't5-dense', 'xlm-roberta-cls', 'xlm-roberta-mean'],
]
const STATIC = ['static-embedding', 'static-normalize']

function tokenizerOf(model: string, maxLength = 64, doLowerCase = false): Tokenizer {
  const [json, config] = [readFixtureJson(model, 'tokenizer.json'), readFixtureJson(model, 'tokenizer_config.json')]
  return new Tokenizer(json, config, { maxLength, doLowerCase })
}

const bert = tokenizerOf('bert-mean-normalize')
const idsOf = (text: string, tokenizer = bert): number[] => Array.from(tokenizer.encode(text).ids)

describe.each(TRANSFORMERS)('Tokenizer of %s', (model) => {
  it('gives the ids that Python gives, hostile texts included', () => {
    const { texts, tokenIds, maxSeqLength } = readGolden(model)
    const tokenizer = tokenizerOf(model, maxSeqLength)
    expect(texts.map((text) => idsOf(text, tokenizer))).toEqual(tokenIds)
  })
})

describe.each(STATIC)('Tokenizer of %s', (model) => {
  it('gives the ids that Python gives, without special tokens and without a limit', () => {
    const { texts, tokenIds } = readGolden(model)
    const options = { maxLength: Infinity, doLowerCase: false, addSpecialTokens: false }
    const tokenizer = new Tokenizer(readFixtureJson(model, 'tokenizer.json'), {}, options)
    expect(texts.map((text) => idsOf(text, tokenizer))).toEqual(tokenIds)
    expect(tokenizer.hasSuffix).toBe(false)
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

  it('cuts at the side that the folder names', () => {
    const json = readFixtureJson('bert-mean-normalize', 'tokenizer.json') as object
    const options = { maxLength: 4, doLowerCase: false }
    const left = new Tokenizer(json, { truncation_side: 'left' }, options)
    expect(idsOf('the children went away', left)).toEqual([2, ...idsOf('went away').slice(-3, -1), 3])
    const inJson = { ...json, truncation: { direction: 'Left' }, padding: { direction: 'Left', pad_id: 4 } }
    const other = new Tokenizer(inJson, {}, options)
    expect(idsOf('the children went away', other)).toEqual(idsOf('the children went away', left))
    expect(other.paddingId).toBe(4)
  })

  it('takes lone surrogates for U+FFFD and never throws', () => {
    expect(idsOf('a \ud800 b')).toEqual(idsOf('a \ufffd b'))
    expect(idsOf('\udfff')).toEqual(idsOf('\ufffd'))
    const texts = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    const tokenizers = ['bert-max', 'roberta-lm-prefix', 'gemma3-dense', 't5-dense'].map((model) => tokenizerOf(model))
    fc.assert(
      fc.property(texts, fc.constantFrom(...tokenizers), (units, tokenizer) => {
        const { ids, tokenCount } = tokenizer.encode(String.fromCharCode(...units))
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
})

describe('Tokenizer with a tokenizer.json that is not known', () => {
  const json = readFixtureJson('roberta-lm-prefix', 'tokenizer.json') as object
  const build = (parts: object): Tokenizer =>
    new Tokenizer({ ...json, ...parts }, {}, { maxLength: 64, doLowerCase: false })
  const regex = { type: 'Split', pattern: { Regex: '(a' }, behavior: 'Isolated', invert: false }
  const template = { type: 'TemplateProcessing', single: [{ SpecialToken: { id: 'x' } }], special_tokens: {} }

  it.each([
    ['model', { model: { type: 'Martian' } }, /model .* Martian/],
    ['normalizer', { normalizer: { type: 'Sequence', normalizers: [{ type: 'toString' }] } }, /normalizer .* toString/],
    ['pre-tokenizer', { pre_tokenizer: { type: 'UnicodeScripts' } }, /pre_tokenizer .* UnicodeScripts/],
    ['post-processor', { post_processor: { type: 'Martian' } }, /post_processor .* Martian/],
    ['template', { post_processor: template }, /template/],
    [
      'split behavior',
      { pre_tokenizer: { ...regex, pattern: { String: 'a' }, behavior: 'Eaten' } },
      /behavior .* Eaten/,
    ],
    ['expression', { pre_tokenizer: regex }, /pattern .*\(a/],
    ['prepend scheme', { pre_tokenizer: { type: 'Metaspace', replacement: '_', prepend_scheme: 'last' } }, /last/],
    ['dropout', { model: { type: 'BPE', vocab: {}, merges: [], dropout: 0.5 } }, /dropout .* 0\.5/],
  ])('names the %s', (_, parts, message) => {
    const building = (): Tokenizer => build(parts)
    expect(building).toThrow(expect.objectContaining({ code: 'model-unsupported' }) as Error)
    expect(building).toThrow(/tokenizer\.json/)
    expect(building).toThrow(message)
  })

  it('says that fields are missing or contradict each other', () => {
    const invalid = expect.objectContaining({ code: 'model-invalid' }) as Error
    expect(() => build({ normalizer: { type: 'Precompiled' } })).toThrow(invalid)
    expect(() => build({ model: { type: 'BPE', vocab: { a: 0 }, merges: [['a', 'b']] } })).toThrow(invalid)
    const lacking = build({ added_tokens: [], model: { type: 'Unigram', vocab: [['a', -1]] } })
    expect(() => lacking.encode('b')).toThrow(invalid)
  })
})

describe('a vocabulary with more tokens than the embedding table has rows', () => {
  const json = readFixtureJson('bert-mean-normalize', 'tokenizer.json') as {
    readonly added_tokens: readonly object[]
    readonly model: { readonly vocab: object }
  }
  const withToken = { ...json, added_tokens: [...json.added_tokens, { content: 'NEWTOKEN', normalized: false }] }
  const options = { maxLength: 64, doLowerCase: false }
  const rows = Object.keys(json.model.vocab).length

  it.each([true, false])(
    'refuses a text that has such a token, and no other (special tokens: %s)',
    (addSpecialTokens) => {
      const tokenizer = new Tokenizer(withToken, {}, { ...options, addSpecialTokens, vocabSize: rows })
      expect(tokenizer.encode('a text').ids).toEqual(
        new Tokenizer(json, {}, { ...options, addSpecialTokens }).encode('a text').ids,
      )
      const encode = (): unknown => tokenizer.encode('a NEWTOKEN')
      expect(encode).toThrow(
        expect.objectContaining({
          code: 'model-invalid',
          message: expect.stringContaining(
            `current value is ${rows} of "NEWTOKEN", the table has ${rows} rows and the tokenizer ${rows + 1} tokens`,
          ) as string,
          details: { id: rows, token: 'NEWTOKEN', rows, tokens: rows + 1 },
        }) as Error,
      )
    },
  )

  it.each([NaN, Infinity, -1, 1.5, null, '7'])('refuses the id %j, in the vocabulary and around a text', (id) => {
    const vocab = { ...json.model.vocab, the: id }
    expect(() => new Tokenizer({ ...json, model: { ...json.model, vocab } }, {}, options)).toThrow(
      `the id of each token must be an integer from 0: current value is ${String(id)} of "the"`,
    )
    const around = { type: 'BertProcessing', cls: ['[CLS]', id], sep: ['[SEP]', 3] }
    expect(() => new Tokenizer({ ...json, post_processor: around }, {}, options)).toThrow(
      `each token must have a row in the embedding table: current value is ${String(id)}`,
    )
  })

  it('has nothing to refuse where what is cut off holds the token', () => {
    const tokenizer = new Tokenizer(withToken, {}, { maxLength: 3, doLowerCase: false, vocabSize: rows })
    expect(Array.from(tokenizer.encode('a NEWTOKEN').ids)).toEqual([2, 42, 3])
  })

  it('refuses to load where such a token goes around each text, and pads with a row that is there', () => {
    expect(() => new Tokenizer(json, {}, { ...options, vocabSize: 3 })).toThrow(
      'current value is 3 of "[SEP]", the table has 3 rows',
    )
    expect(new Tokenizer(withToken, { pad_token: 'NEWTOKEN' }, { ...options, vocabSize: rows }).paddingId).toBe(0)
  })
})
