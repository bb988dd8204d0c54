import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance } from './edit-distance.js'

const lettersOf = (word: string): number[] => Array.from(word, (letter) => letter.codePointAt(0) as number)

/** As the definition has it, by recursion. */
function slowly(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [before, last] = [a.slice(0, -1), b.slice(0, -1)]
  const ways = [slowly(before, b) + 1, slowly(a, last) + 1, slowly(before, last) + (a.at(-1) === b.at(-1) ? 0 : 1)]
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
    ways.push(slowly(a.slice(0, -2), b.slice(0, -2)) + 1)
  }
  return Math.min(...ways)
}

describe('editDistance()', () => {
  it.each([
    ['glider', 'glider', 0],
    ['glider', 'gilder', 1],
    ['kitten', 'sitting', 3],
    ['foriegn', 'foreign', 1],
    // Restricted: no part of a swap is changed again.
    ['ca', 'abc', 3],
    ['𠮷野', '吉野', 1],
  ])('of %s and %s is %i', (a, b, edits) => {
    expect(editDistance(lettersOf(a), lettersOf(b), 3)).toBe(edits)
  })

  it('is that of the definition, or above the most', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 6 }), (a, b, most) => {
        const exact = slowly(a, b)
        const found = editDistance(lettersOf(a), lettersOf(b), most)
        if (exact <= most) expect(found).toBe(exact)
        else expect(found).toBeGreaterThan(most)
      }),
    )
  })
})
