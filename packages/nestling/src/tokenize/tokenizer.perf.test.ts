import { readFixtureJson } from '@nestling/testing/disk'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.js'

function tokenizerOf(model: string, maxLength = 64, doLowerCase = false): Tokenizer {
  const [json, config] = [readFixtureJson(model, 'tokenizer.json'), readFixtureJson(model, 'tokenizer_config.json')]
  return new Tokenizer(json, config, { maxLength, doLowerCase })
}
describe('Tokenizer with 100,000 characters', () => {
  const fill = (part: string, length: number): string => part.repeat(length / part.length)
  const texts = [' ', 'a', 'ab ', '中', 'e\u0301', '\u0001 ', '!\n', '<m', '▁▁']

  it.each(['bert-max', 'roberta-lm-prefix', 'qwen3-lasttoken', 'gemma3-dense', 't5-dense'])(
    'takes time in proportion: %s',
    (model) => {
      const tokenizer = tokenizerOf(model)
      const measure = (length: number): number => {
        const start = performance.now()
        for (const text of texts) tokenizer.encode(fill(text, length - (length % 6)))
        return performance.now() - start
      }
      measure(6000)
      // A quadratic step would take a hundred times as long; the rest is room for a busy machine.
      expect(measure(60_000)).toBeLessThan(40 * measure(6000) + 200)
    },
  )
})
