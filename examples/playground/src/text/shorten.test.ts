import { describe, expect, it } from 'vitest'
import { shorten } from './shorten.js'

describe('shorten()', () => {
  it('leaves short texts as they are', () => {
    expect(shorten('')).toBe('')
    expect(shorten('A loaf is done.')).toBe('A loaf is done.')
    expect(shorten('x'.repeat(160))).toBe('x'.repeat(160))
  })

  it('cuts long ones after a word, and in the middle of one that has no end', () => {
    expect(shorten('one two three four', 9)).toBe('one two…')
    expect(shorten('x'.repeat(161))).toBe(`${'x'.repeat(160)}…`)
    expect(shorten('word '.repeat(600)).length).toBeLessThanOrEqual(161)
  })

  it('cuts no character in two', () => {
    expect(shorten('🦉'.repeat(5), 4)).toBe('🦉🦉🦉🦉…')
    expect(shorten('🦉'.repeat(4), 4)).toBe('🦉🦉🦉🦉')
  })
})
