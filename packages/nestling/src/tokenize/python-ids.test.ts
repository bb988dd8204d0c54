import { tokenizerFixtures, tokenizerTexts } from '@nestling/testing/tokenizers'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.js'

const TEXTS = Object.entries(tokenizerTexts())

describe.each(tokenizerFixtures())('Tokenizer of $name', ({ json, ids }) => {
  const tokenizer = new Tokenizer(json, {}, { maxLength: Infinity, doLowerCase: false })
  let first = 0
  const groups = TEXTS.map(([group, texts]) => {
    const start = first
    first += texts.length
    return { group, texts, expected: ids.slice(start, first) }
  })

  it.each(groups)('gives the ids that Python gives: $group', ({ texts, expected }) => {
    expect(texts.map((text) => Array.from(tokenizer.encode(text).ids))).toEqual(expected)
  })
})
