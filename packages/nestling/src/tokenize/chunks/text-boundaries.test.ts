import { afterEach, describe, expect, it, vi } from 'vitest'
import { codePointEnds, graphemeEnds, sentenceEnds, skipBlanks, wordEnds } from './text-boundaries.js'

/** The pieces that ends cut a text into, without white space around. */
function pieces(text: string, ends: Iterable<number>): string[] {
  const cuts = [0, ...ends]
  return cuts.slice(1).map((end, index) => text.slice(cuts[index], end).trim())
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('sentenceEnds()', () => {
  it('ends sentences and lines before their white space', () => {
    const text = ' One. Two (2.5)?  Three!\nfour\n\n今日は。明日も。 '
    expect(pieces(text, sentenceEnds(text))).toEqual(['One.', 'Two (2.5)?', 'Three!', 'four', '今日は。', '明日も。'])
    expect([...sentenceEnds(' \n ')]).toEqual([])
  })

  it('does so without Intl.Segmenter', () => {
    vi.stubGlobal('Intl', {})
    const text = 'One. Two (2.5)?  "Three!"\nfour\n\n今日は。明日も。 '
    expect(pieces(text, sentenceEnds(text))).toEqual(['One.', 'Two (2.5)?', '"Three!"', 'four', '今日は。', '明日も。'])
  })
})

describe('wordEnds()', () => {
  it('ends words before white space, at hyphens, and where a language has no spaces', () => {
    const text = ` don't "stop" (now),\t3.5 foo-bar a/b $5 #tag\n今日は、天気 `
    expect(pieces(text, wordEnds(text))).toEqual([
      ...["don't", '"stop"', '(now),', '3.5', 'foo-', 'bar', 'a/', 'b', '$5', '#tag'],
      ...['今日', 'は、', '天気'],
    ])
  })

  it('ends runs alone without Intl.Segmenter', () => {
    vi.stubGlobal('Intl', {})
    expect(pieces(' foo-bar\n今日は ', wordEnds(' foo-bar\n今日は '))).toEqual(['foo-bar', '今日は'])
  })

  it('finds in a long text what it finds in a short one', () => {
    const text = 'foo-bar/'.repeat(500)
    expect([...wordEnds(text)]).toEqual(Array.from({ length: 1000 }, (_, index) => 4 * (index + 1)))
    expect([...wordEnds('a'.repeat(1000))]).toEqual([1000])
    // A letter of two units: no step may begin inside of one.
    expect([...wordEnds(`a${'\u{1D49C}'.repeat(400)}`)]).toEqual([801])
  })
})

describe('graphemeEnds()', () => {
  const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'
  const text = `ae\u0301${family}\u{1F1E9}\u{1F1EA}\ud800b`

  it('keeps marks, emoji sequences and flags together', () => {
    expect([...graphemeEnds(text, 0, text.length)]).toEqual([1, 3, 11, 15, 16, 17])
    expect([...graphemeEnds(text, 3, 16)]).toEqual([11, 15, 16])
  })

  it('never splits a surrogate pair, however long a cluster is', () => {
    const marks = `a${'\u{1D165}'.repeat(400)}b`
    const ends = [...graphemeEnds(marks, 0, marks.length)]
    expect(ends).toEqual([801, 802])
    const emoji = family.repeat(100)
    expect([...graphemeEnds(emoji, 0, emoji.length)]).toEqual(
      Array.from({ length: 100 }, (_, index) => 8 * (index + 1)),
    )
  })

  it('keeps marks together without Intl.Segmenter', () => {
    vi.stubGlobal('Intl', {})
    expect([...graphemeEnds('ae\u0301\u{1F600}b', 0, 6)]).toEqual([1, 3, 5, 6])
  })
})

describe('codePointEnds()', () => {
  it('keeps pairs together and takes lone surrogates alone', () => {
    expect([...codePointEnds('a\u{1F600}\udc00\ud800b', 0, 6)]).toEqual([1, 3, 4, 5, 6])
  })
})

describe('skipBlanks()', () => {
  it('goes to the next mark, or to the end', () => {
    expect([skipBlanks('a \u00a0\nb', 1), skipBlanks('a', 0), skipBlanks('a  ', 1)]).toEqual([4, 0, 3])
  })
})
