import { expect, it } from 'vitest'
import { makeDocuments, makeQueries, vectorsOf } from './search-documents.js'

const SENTENCES = ['one two', 'three four', 'five six']

it('makes the same documents of a seed, and others of another', () => {
  const documents = makeDocuments(SENTENCES, 20, 1)
  expect(documents).toHaveLength(20)
  expect(documents).toEqual(makeDocuments(SENTENCES, 20, 1))
  expect(documents).not.toEqual(makeDocuments(SENTENCES, 20, 2))
  // Eight sentences of two words.
  for (const { text } of documents) expect(text.split(' ')).toHaveLength(16)
})

it('asks for words that follow each other in documents far apart', () => {
  const documents = Array.from({ length: 4 }, (_, id) => ({ id, text: `a${id} b c d e f g h` }))
  expect(makeQueries(documents, 2)).toEqual(['e f g h', 'e f g h'])
  const short = documents.map(({ id }) => ({ id, text: `a${id}` }))
  expect(makeQueries(short, 2)).toEqual(['a0', 'a2'])
})

it('gives a text the same vector wherever it stands', () => {
  const rows = vectorsOf(['a', 'b', 'a'], 8)
  expect(rows.slice(0, 8)).toEqual(rows.slice(16))
  expect(rows.slice(0, 8)).not.toEqual(rows.slice(8, 16))
  expect(rows.every((value) => Math.abs(value) <= 0.5)).toBe(true)
})
