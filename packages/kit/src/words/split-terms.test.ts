import { describe, expect, it } from 'vitest'
import { wordsOf } from './words-of.js'

describe('wordsOf()', () => {
  it('makes words equal that readers take for equal', () => {
    expect(wordsOf('Crème brûlée, “ﬁne” & 5€!')).toEqual(['creme', 'brulee', 'fine', '5'])
    expect(wordsOf(' \n ')).toEqual([])
  })

  it('leaves vowels and other letters of other scripts', () => {
    // Devanagari vowels are marks; が is か with a mark; a Hangul syllable is made of letters.
    expect(wordsOf('हिन्दी')).toEqual(['हिन्दी'])
    expect(wordsOf('한국')).toContain('한국')
    expect(wordsOf('が')).toEqual(['が'])
  })

  it('splits what has no spaces', () => {
    expect(wordsOf('ฉันรักภาษาไทย').length).toBeGreaterThan(2)
  })
})
