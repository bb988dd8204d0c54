import { readFixtureJson } from '@nestling/testing/disk'
import { describe, expect, it } from 'vitest'
import { createByteLevel } from './byte-level.js'
import { createNormalizer, type Normalizer } from './normalize/normalizer.js'
import { createPreTokenizer } from './pre-tokenizer.js'
import type { PartJson } from './tokenizer-json.js'
import { Tokenizer } from './tokenizer.js'

const part = (json: object): PartJson => json as PartJson

const bert = createNormalizer({ type: 'BertNormalizer' })
const charsmap = charsmapOf('xlm-roberta-mean')

function charsmapOf(model: string): Normalizer {
  const { normalizer } = readFixtureJson(model, 'tokenizer.json') as { normalizer: { normalizers: PartJson[] } }
  return createNormalizer(normalizer.normalizers[0])
}

/** Every expectation is what tokenizers 0.23.3 gives in Python; each test has one that `@huggingface/tokenizers` 0.2.0 misses. */
describe('where @huggingface/tokenizers differs from Python, our code follows Python', () => {
  it('charsmap: matches grapheme by grapheme and takes the shortest entry, so a mark behind it goes', () => {
    expect(charsmap('①\u0301')).toBe('1')
    expect(charsmap('²\u0301 ﬁ')).toBe('2 fi')
    // Six bytes or more: character by character.
    expect(charsmap('\u2122\u200d')).toBe('TM\u200d')
    expect(charsmap('ｶ\uff9e')).toBe('カ\u3099')
    // A Prepend character makes one cluster of what would have been composed without it.
    expect(charsmap('e\u0301 \u0600e\u0301')).toBe('é \u0600e\u0301')
    expect(charsmap('\u1112\u1161\u11ab')).toBe('\u1112\u1161\u11ab')
    expect(charsmap('a\r\nb\u0001c\u0085')).toBe('a bc\u0085')
  })

  it('BertNormalizer: splits ideographs beyond the basic plane, but for a gap below U+2B920', () => {
    expect(bert('a\u{20001}b\u{2CEAF}c')).toBe('a \u{20001} b \u{2CEAF} c')
    expect(bert('a\u{2B820}b\u{2B91F}c\u{2CEB0}d')).toBe('a\u{2B820}b\u{2B91F}c\u{2CEB0}d')
  })

  it('BertNormalizer: lowercases characters one by one, so no sigma is final', () => {
    expect(bert('ΟΔΟΣ Σ')).toBe('οδοσ σ')
  })

  it('BertNormalizer: knows punctuation, accents and decompositions up to Unicode 9 only', () => {
    expect(bert('a\u08CAb\u0301\u1ABF')).toBe('a\u08CAb\u1ABF')
    expect(bert('\u{11938}')).toBe('\u{11938}')
    expect(createPreTokenizer({ type: 'BertPreTokenizer' })('a\u2E52b!c', 0)).toEqual(['a\u2E52b', '!', 'c'])
  })

  it('NFC: composes what Unicode 9 composes', () => {
    const nfc = createNormalizer({ type: 'NFC' })
    expect(nfc('e\u0301 \u{11935}\u{11930} e\u0301')).toBe('é \u{11935}\u{11930} é')
    // A mark that is newer stops the marks behind it from moving.
    expect(nfc('q\u0307\u0323 q\u0307\u1ABF\u0323')).toBe('q\u0323\u0307 q\u0307\u1ABF\u0323')
  })

  it('Nmt, ByteLevel: are normalizers', () => {
    expect(createNormalizer({ type: 'Nmt' })('a\u0001\u200B\u008F\u2581b')).toBe('a  b')
    expect(createNormalizer({ type: 'ByteLevel' })('é \n')).toBe('Ã©ĠĊ')
  })

  it('Strip: removes what Unicode calls white space, U+0085 too and U+FEFF not', () => {
    const strip = createNormalizer(part({ type: 'Strip', strip_left: true, strip_right: true }))
    expect(strip('\u0085\u3000 a \uFEFF\u2028')).toBe('a \uFEFF')
  })

  it('expressions: know letters up to Unicode 16, and that a long s is an s where case is ignored', () => {
    const words = createByteLevel({ add_prefix_space: false })
    expect(words('a\u088Fb')).toHaveLength(3)
    const ignoring = { type: 'Split', pattern: { Regex: "(?i:'s|k)" }, behavior: 'Isolated', invert: false }
    expect(createPreTokenizer(part(ignoring))("a'ſb\u212Ac", 0)).toEqual(['a', "'ſ", 'b', '\u212A', 'c'])
  })

  it('Split: merges with what is before or after, and joins neighbours', () => {
    const split = (behavior: string): string[] =>
      createPreTokenizer(part({ type: 'Split', pattern: { String: '-' }, behavior, invert: false }))(
        'the-final--countdown',
        0,
      )
    expect(split('MergedWithPrevious')).toEqual(['the-', 'final-', '-', 'countdown'])
    expect(split('MergedWithNext')).toEqual(['the', '-final', '-', '-countdown'])
    expect(split('Contiguous')).toEqual(['the', '-', 'final', '--', 'countdown'])
  })

  it('Metaspace: splits before each replacement', () => {
    const metaspace = createPreTokenizer(part({ type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' }))
    expect(metaspace('a  b ', 1)).toEqual(['▁a', '▁', '▁b', '▁'])
    expect(metaspace('a', 0)).toEqual(['a'])
  })

  it('added tokens: take white space along, want single words, are looked for as the normalizer writes them', () => {
    const json = readFixtureJson('bert-mean-normalize', 'tokenizer.json') as { added_tokens: object[] }
    const token = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false }
    const added = [
      { ...token, content: '<word>', single_word: true },
      { ...token, content: 'ÉTÉ', normalized: true },
    ]
    const whole = { ...json, added_tokens: [...json.added_tokens, ...added] }
    const tokenizer = new Tokenizer(whole, {}, { maxLength: Infinity, doLowerCase: false })
    const idsOf = (text: string): number[] => Array.from(tokenizer.encode(text).ids)
    expect(idsOf('<word> été')).toEqual([2, 1500, 1501, 3])
    expect(idsOf('E\u0301te\u0301')).toEqual([2, 1501, 3])
    expect(idsOf('<word>é')).not.toContain(1500)
  })

  it('BPE: knows continuing_subword_prefix and end_of_word_suffix', () => {
    const vocab = { a: 0, '##b': 1, '##c</w>': 2, ab: 3, 'abc</w>': 4, '##c': 5 }
    const merges = [
      ['a', '##b'],
      ['ab', '##c</w>'],
    ]
    const model = { type: 'BPE', vocab, merges, continuing_subword_prefix: '##', end_of_word_suffix: '</w>' }
    const tokenizer = new Tokenizer({ model }, {}, { maxLength: Infinity, doLowerCase: false })
    expect(Array.from(tokenizer.encode('abc').ids)).toEqual([4])
    expect(Array.from(tokenizer.encode('abcc').ids)).toEqual([3, 5, 2])
  })

  it('Unigram: spells unknown characters in bytes if all of them have tokens', () => {
    const vocab = [
      ['<unk>', 0],
      ['a', -1],
      ['<0xC3>', -9],
      ['<0xA9>', -9],
    ]
    const model = { type: 'Unigram', vocab, unk_id: 0, byte_fallback: true }
    const tokenizer = new Tokenizer({ model }, {}, { maxLength: Infinity, doLowerCase: false })
    expect(Array.from(tokenizer.encode('aéa').ids)).toEqual([1, 2, 3, 1])
    expect(Array.from(tokenizer.encode('aéèa').ids)).toEqual([1, 0, 1])
  })
})
