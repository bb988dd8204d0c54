import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldText, foldWithOffsets } from './fold-text.js'

describe('foldText()', () => {
  it.each([
    ['accents', 'Café Zürich Ñ ёй', 'Cafe Zurich N еи'],
    ['compatible forms', 'ﬁ Ｃ＋＋ ①', 'fi C++ 1'],
    ['vowel marks of Arabic', 'كِتَابٌ', 'كتاب'],
    ['tatweel', 'كـــتاب', 'كتاب'],
    // As Lucene's ArabicNormalizer has it.
    ['alef with hamza and madda', 'أحمد إسلام آمن', 'احمد اسلام امن'],
    ['yeh without dots', 'على', 'علي'],
    ['teh marbuta', 'مدرسة', 'مدرسه'],
    ['points of Hebrew', 'שָׁלוֹם', 'שלום'],
    ['a sigma at the end', 'λόγος', 'λογοσ'],
    ['signs without width', 'soft\u00ADhyphen \u200Fx', 'softhyphen x'],
    ['decomposed Hangul', '\u1109\u1165\u110B\u116E\u11AF', '서울'],
    ['halfwidth Kana', 'ｶﾞ', 'ガ'],
    ['another hyphen', 'a‐b', 'a-b'],
  ])('makes %s equal', (_, text, folded) => {
    expect(foldText(text)).toBe(folded)
  })

  it('leaves vowels of Devanagari, which are marks too', () => {
    expect(foldText('हिन्दी')).toBe('हिन्दी')
  })
})

describe('foldWithOffsets()', () => {
  it('leads back to the text as it was', () => {
    const text = 'ﬁ e\u0301 İx'
    const { text: folded, starts, ends } = foldWithOffsets(text)
    expect(folded).toBe('fi e Ix')
    const back = Array.from(folded, (_, unit) => text.slice(starts[unit], ends[unit]))
    expect(back).toEqual(['ﬁ', 'ﬁ', ' ', 'e\u0301', ' ', 'İ', 'x'])
  })

  it('gives what foldText() gives', () => {
    const known = [
      'ｶﾞ',
      '\u1109\u1165',
      'ㅅㅏ',
      '각',
      'e\u0301',
      'ﬁ',
      '\u05D0\u05B8',
      'ؤ\u0654',
      '\u093F',
      '̈',
      '가\u11A8',
    ]
    const part = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.constantFrom(...known))
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join('')
        expect(foldWithOffsets(text).text).toBe(foldText(text))
      }),
      { numRuns: 500 },
    )
  })
})
