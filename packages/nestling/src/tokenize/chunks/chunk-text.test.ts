import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFixtureJson } from '@nestling/testing/disk'
import { finish } from '@nestling/testing/finish'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunkSteps, type ChunkTextOptions, type TextChunkSpan } from './chunk-text.js'
import { graphemeEnds, sentenceEnds, wordEnds } from './text-boundaries.js'
import { Tokenizer } from '../tokenizer.js'

const MINILM = join(import.meta.dirname, '../../../../minilm-l6/model')
const LIMITS = { maxLength: 256, doLowerCase: false }

const minilm = new Tokenizer(JSON.parse(readFileSync(join(MINILM, 'tokenizer.json'), 'utf8')), {}, LIMITS)
const fixture = (model: string): Tokenizer => new Tokenizer(readFixtureJson(model, 'tokenizer.json'), {}, LIMITS)

/** Of one kind each: WordPiece, byte-level BPE (two), BPE with byte fallback, Unigram (two), and one without special tokens. */
const TOKENIZERS: Readonly<Record<string, Tokenizer>> = {
  'minilm-l6': minilm,
  'roberta-mean-matryoshka': fixture('roberta-mean-matryoshka'),
  'qwen3-lasttoken': fixture('qwen3-lasttoken'),
  'gemma3-dense': fixture('gemma3-dense'),
  't5-dense': fixture('t5-dense'),
  'xlm-roberta-mean': fixture('xlm-roberta-mean'),
  'static-embedding': new Tokenizer(
    readFixtureJson('static-embedding', 'tokenizer.json'),
    {},
    {
      ...LIMITS,
      addSpecialTokens: false,
    },
  ),
}

function chunk(tokenizer: Tokenizer, text: string, options: ChunkTextOptions): readonly TextChunkSpan[] {
  return finish(chunkSteps(tokenizer, text, options)).result
}

function textsOf(text: string, options: ChunkTextOptions, tokenizer = minilm): string[] {
  return chunk(tokenizer, text, options).map(({ start, end }) => text.slice(start, end))
}

describe('chunkSteps()', () => {
  // MiniLM has each word and each mark here as one token, and two special tokens.
  const sentences = 'The cat sat. The dog ran. A bird sang.'

  it('keeps sentences whole where they fill half of a chunk', () => {
    expect(chunk(minilm, sentences, { maxTokens: 8, overlapTokens: 0 })).toEqual([
      { start: 0, end: 12, tokenCount: 6 },
      { start: 13, end: 25, tokenCount: 6 },
      { start: 26, end: 38, tokenCount: 6 },
    ])
    expect(textsOf(sentences, { maxTokens: 10, overlapTokens: 0 })).toEqual([
      'The cat sat. The dog ran.',
      'A bird sang.',
    ])
  })

  it('takes words where a sentence would fill less than half', () => {
    const text = 'Yes. The black cat sat on the old red mat of the house'
    expect(textsOf(text, { maxTokens: 10, overlapTokens: 0 })).toEqual([
      'Yes. The black cat sat on the',
      'old red mat of the house',
    ])
  })

  it('counts the prompt', () => {
    const options = { maxTokens: 8, overlapTokens: 0, prompt: 'the old ' }
    expect(chunk(minilm, 'cat dog bird house cat dog', options)).toEqual([
      { start: 0, end: 18, tokenCount: 8 },
      { start: 19, end: 26, tokenCount: 6 },
    ])
  })

  it('begins at a word that repeats no more than the overlap', () => {
    const words = 'one two three four five six seven eight'
    expect(textsOf(words, { maxTokens: 6, overlapTokens: 2 })).toEqual([
      'one two three four',
      'three four five six',
      'five six seven eight',
    ])
  })

  it('shares the last text evenly where a scrap would be left, at a sentence where one is near', () => {
    // Eight words fit; nine are four and five.
    const words = 'one two three four five six seven eight nine'
    expect(textsOf(words, { maxTokens: 10, overlapTokens: 0 })).toEqual([
      'one two three four',
      'five six seven eight nine',
    ])
    // Two are repeated, so that five and four are chunks of five and six.
    expect(textsOf(words, { maxTokens: 10, overlapTokens: 2 })).toEqual([
      'one two three four five',
      'four five six seven eight nine',
    ])
    // Ten tokens fit: nine and three by whole sentences, four and eight by others.
    expect(textsOf('The cat sat. The dog ran off. It was.', { maxTokens: 12, overlapTokens: 0 })).toEqual([
      'The cat sat.',
      'The dog ran off. It was.',
    ])
    // Half of a chunk is no scrap.
    expect(textsOf(`${words} ten eleven twelve`, { maxTokens: 10, overlapTokens: 0 })).toEqual([
      'one two three four five six seven eight',
      'nine ten eleven twelve',
    ])
  })

  it('leaves no scrap of any text of words', () => {
    const word = fc.constantFrom('one', 'two', 'cat', 'house', 'old.', 'sat.', 'internationalization', 'e.g.')
    const property = fc.property(
      fc.array(word, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 30, max: 60 }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (list, room, part) => {
        const chunks = chunk(minilm, list.join(' '), { maxTokens: room + 2, overlapTokens: Math.floor(part * room) })
        // The longest of these words is four tokens, so that halves are as even as that.
        if (chunks.length > 1) expect((chunks.at(-1)?.tokenCount ?? 0) - 2).toBeGreaterThanOrEqual(0.4 * room - 4)
      },
    )
    fc.assert(property, { numRuns: 300 })
  })

  it('repeats nothing where nothing new would fit behind it', () => {
    const text = 'one two three internationalization-internationalizations four'
    for (const overlapTokens of [1, 2]) {
      const chunks = chunk(minilm, text, { maxTokens: 5, overlapTokens })
      check(minilm, text, chunks, { maxTokens: 5, overlapTokens })
    }
  })

  it('goes on behind a word whose first character was a chunk of its own', () => {
    // To XLM-RoBERTa the first one is 17 tokens, so that the rest of the word looks like hundreds; it is three, and the next word one.
    const options = { maxTokens: 19, overlapTokens: 0 }
    const tokenizer = TOKENIZERS['xlm-roberta-mean'] as Tokenizer
    expect(textsOf('ﷺinternationalization The', options, tokenizer)).toEqual(['ﷺ', 'internationalization The'])
  })

  it('gives one chunk for a text that fits, white space included, and for one without a word', () => {
    const options = { maxTokens: 8, overlapTokens: 3 }
    expect(chunk(minilm, ' The cat\n', options)).toEqual([{ start: 0, end: 9, tokenCount: 4 }])
    expect(chunk(minilm, '', options)).toEqual([{ start: 0, end: 0, tokenCount: 2 }])
    expect(chunk(minilm, ' \n\t', options)).toEqual([{ start: 0, end: 3, tokenCount: 2 }])
    const roberta = TOKENIZERS['roberta-mean-matryoshka'] as Tokenizer
    expect(chunk(roberta, '\n '.repeat(100), options)).toEqual([{ start: 0, end: 0, tokenCount: 2 }])
    expect(chunk(minilm, 'a '.repeat(1000), { maxTokens: Infinity, overlapTokens: 0 })).toHaveLength(1)
  })

  it('cuts a word that does not fit between graphemes', () => {
    const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'
    // Byte-level tokens: 18 bytes a family, of which few are merged.
    const roberta = TOKENIZERS['roberta-mean-matryoshka'] as Tokenizer
    const parts = textsOf(family.repeat(6), { maxTokens: 40, overlapTokens: 0 }, roberta)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.join('')).toBe(family.repeat(6))
    for (const part of parts) expect(part.length % family.length).toBe(0)
  })

  it('takes a character that does not fit as a chunk of its own', () => {
    const roberta = TOKENIZERS['roberta-mean-matryoshka'] as Tokenizer
    const text = 'a\u{1F600}\u{1F600}b'
    const chunks = chunk(roberta, text, { maxTokens: 3, overlapTokens: 0 })
    expect(chunks.map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [1, 3],
      [3, 5],
      [5, 6],
    ])
    check(roberta, text, chunks, { maxTokens: 3, overlapTokens: 0 })
  })

  it.each([
    [{ maxTokens: 2, overlapTokens: 0 }, /maxTokens must be at least 3 .*: current value is 2/],
    [{ maxTokens: 4, overlapTokens: 0, prompt: 'the old ' }, /maxTokens must be at least 5 .*: current value is 4/],
    [{ maxTokens: NaN, overlapTokens: 0 }, /NaN/],
    [{ maxTokens: 8, overlapTokens: 6 }, /overlapTokens must be from 0 to 5, .*: current value is 6/],
    [{ maxTokens: 8, overlapTokens: -1 }, /current value is -1/],
  ])('refuses %o', (options, message) => {
    const call = (): unknown => chunk(minilm, 'a', options)
    expect(call).toThrow(RangeError)
    expect(call).toThrow(message)
  })
})

const words = [
  'The',
  'cat',
  'internationalization',
  "don't",
  'e.g.',
  '3.14',
  '(a)',
  'foo/bar-baz',
  'Hi!',
  'end.',
  'so?',
]
const odd = [
  '今日は良い天気です。',
  'สวัสดีครับ',
  '\u{1F468}\u200D\u{1F469}',
  '\u{1F1E9}\u{1F1EA}',
  'e\u0301\u0302',
  '\u0000',
  '\ufffd',
]
const hostile = [
  '\ud800',
  '\udc00',
  '\u{1F600}',
  '\ufdfa',
  '<mask>',
  '[SEP]',
  '##a',
  '\u2581',
  '\ufeff',
  'a'.repeat(120),
]
const blanks = [' ', ' ', ' ', '  \n', '\u00a0', '\r\n\r\n', '\t', '']
const anyText = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...words, ...odd, ...hostile), fc.string({ maxLength: 8 })),
      fc.constantFrom(...blanks),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.flat().join(''))
const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 })
  .map((units) => String.fromCharCode(...units))

describe.each(Object.entries(TOKENIZERS))('chunkSteps() with the tokenizer of %s', (_, tokenizer) => {
  it('covers any text in order with chunks that fit, as long as they can be', { timeout: 20_000 }, () => {
    const lengths = fc.tuple(fc.integer({ min: 4, max: 60 }), fc.double({ min: 0, max: 0.9, noNaN: true }))
    const property = fc.property(
      fc.oneof(anyText, anyUnits),
      lengths,
      fc.constantFrom('', 'q: '),
      (text, [room, part], prompt) => {
        const fixed = tokenizer.encode(prompt).tokenCount
        const options = { maxTokens: fixed + room, overlapTokens: Math.floor(part * room), prompt }
        check(tokenizer, text, chunk(tokenizer, text, options), options)
      },
    )
    fc.assert(property, { numRuns: 150 })
  })
})

/** Everything that is promised of chunks, from the definitions alone. */
function check(tokenizer: Tokenizer, text: string, chunks: readonly TextChunkSpan[], options: ChunkTextOptions): void {
  const { maxTokens, prompt = '' } = options
  const count = (start: number, end: number): number => tokenizer.encode(prompt + text.slice(start, end)).tokenCount
  expect(chunks.length).toBeGreaterThan(0)
  if (count(0, text.length) <= maxTokens) {
    expect(chunks).toEqual([{ start: 0, end: text.length, tokenCount: count(0, text.length) }])
    return
  }
  let covered = 0
  for (const [index, { start, end, tokenCount }] of chunks.entries()) {
    const before = chunks[index - 1]
    expect(tokenCount).toBe(count(start, end))
    if (Array.from(text.slice(start, end)).length > 1) expect(tokenCount).toBeLessThanOrEqual(maxTokens)
    expect(text.slice(covered, Math.max(covered, start)).trim()).toBe('')
    if (before !== undefined) {
      expect(start).toBeGreaterThan(before.start)
      expect(end).toBeGreaterThan(before.end)
      checkOverlap(tokenizer, text, [before, { start, end, tokenCount }], options)
    }
    for (const cut of [start, end])
      expect(/^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(cut - 1, cut + 1))).toBe(false)
    if (text.trim() !== '') expect(text.slice(start, end)).toMatch(/^\S(.*\S)?$/s)
    covered = end
  }
  expect(text.slice(covered).trim()).toBe('')
  const fits = (start: number, end: number): boolean => count(start, end) <= maxTokens
  for (const chunk of chunks.toSpliced(-2, 1)) expect(isLongest(text, chunk, fits)).toBe(true)
  const [before, last] = chunks.slice(-2)
  if (before === undefined || last === undefined || isLongest(text, before, fits)) return
  // The last two share their text: the one before could be longer, but would leave less than half of a chunk, and less than the last has now.
  const furthest = [...wordEnds(text)].filter((end) => end > before.end && fits(before.start, end))
  const rest = text.slice(Math.max(before.end, ...furthest)).trim()
  const left = tokenizer.encode(prompt + rest).tokenCount
  expect(left - count(0, 0)).toBeLessThan((maxTokens - count(0, 0)) / 2)
  expect(last.tokenCount).toBeGreaterThanOrEqual(left)
}

function checkOverlap(
  tokenizer: Tokenizer,
  text: string,
  [before, chunk]: readonly [TextChunkSpan, TextChunkSpan],
  { overlapTokens }: ChunkTextOptions,
): void {
  if (chunk.start >= before.end) return
  const special = tokenizer.encode('').tokenCount
  const repeated = (start: number): number => tokenizer.encode(text.slice(start, before.end)).tokenCount - special
  const wordStarts = [...wordEnds(text)].map((end) => end + (/^\s*/.exec(text.slice(end))?.[0] ?? '').length)
  expect(wordStarts).toContain(chunk.start)
  expect(repeated(chunk.start)).toBeLessThanOrEqual(overlapTokens)
  const earlier = wordStarts.filter((start) => start > before.start && start < chunk.start).at(-1)
  if (earlier !== undefined) expect(repeated(earlier)).toBeGreaterThan(overlapTokens)
}

/** An end is that of a sentence, a word or a grapheme, and a word (or a grapheme in a cut word) before the next end does not fit. */
function isLongest(
  text: string,
  { start, end }: TextChunkSpan,
  fits: (start: number, end: number) => boolean,
): boolean {
  const words = [...wordEnds(text)]
  const sentence = [...sentenceEnds(text)]
  if (end >= (words.at(-1) ?? 0)) return true
  const nextWord = words.find((position) => position > end) as number
  if (!words.includes(end) && !sentence.includes(end)) {
    const graphemes = [...graphemeEnds(text, start, nextWord)]
    return !fits(start, graphemes.find((position) => position > end) as number)
  }
  const next = sentence.includes(end) ? (sentence.find((position) => position > end) as number) : nextWord
  // A sentence may end inside of a word, as behind the mark of "oh!no".
  const last = words.find((position) => position >= next) as number
  const further = words.filter((position) => position > end && position <= last)
  return further.some((position) => !fits(start, position))
}
