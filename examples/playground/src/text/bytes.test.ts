import { describe, expect, it } from 'vitest'
import { bytesInWords } from './bytes.js'

describe('bytesInWords()', () => {
  it('writes what rounds to a thousand in the next unit', () => {
    expect(bytesInWords(999)).toBe('999 B')
    expect(bytesInWords(1000)).toBe('1.0 kB')
    expect(bytesInWords(999_499)).toBe('999 kB')
    expect(bytesInWords(999_500)).toBe('1.0 MB')
    expect(bytesInWords(999_999_999)).toBe('1.0 GB')
  })
})
