import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance } from './edit-distance.js'
import { TermList } from './term-list.js'

const lettersOf = (word: string): number[] => Array.from(word, (letter) => letter.codePointAt(0) as number)

describe('TermList', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '𠮷', '_'), minLength: 1, maxLength: 8 })

  it('finds all terms that are near, those that came later too', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(word),
        fc.uniqueArray(word),
        word,
        fc.integer({ min: 0, max: 2 }),
        (first, later, asked, most) => {
          const list = new TermList(first)
          list.near(asked, most)
          for (const text of later) list.add(text)
          const found = list.near(asked, most).map(({ term, edits }) => [list.texts[term], edits])
          const wanted = list.texts
            .map((text) => [text, editDistance(lettersOf(text), lettersOf(asked), most)] as const)
            .filter(([, edits]) => edits <= most)
          expect(found).toHaveLength(wanted.length)
          expect(found).toEqual(expect.arrayContaining(wanted))
        },
      ),
    )
  })

  it('finds all terms that begin with a word', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(word),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é'), minLength: 2, maxLength: 4 }),
        (texts, asked) => {
          const list = new TermList(texts)
          const found = list.begun(asked).map((term) => list.texts[term])
          expect(found).toEqual(texts.filter((text) => text !== asked && text.startsWith(asked)))
        },
      ),
    )
  })

  it('gives a term the same number again', () => {
    const list = new TermList(['a'])
    expect([list.add('b'), list.add('a'), list.numberOf('b'), list.numberOf('c')]).toEqual([1, 0, 1, undefined])
  })
})
