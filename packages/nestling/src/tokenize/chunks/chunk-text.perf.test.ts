import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFixtureJson } from '@nestling/testing/disk'
import { finish } from '@nestling/testing/finish'
import { describe, expect, it } from 'vitest'
import { chunkSteps, type ChunkTextOptions, type TextChunkSpan } from './chunk-text.js'
import { Tokenizer } from '../tokenizer.js'

const MINILM = join(import.meta.dirname, '../../../../minilm-l6/model')
const LIMITS = { maxLength: 256, doLowerCase: false }

const minilm = new Tokenizer(JSON.parse(readFileSync(join(MINILM, 'tokenizer.json'), 'utf8')), {}, LIMITS)
const TOKENIZERS: Readonly<Record<string, Tokenizer>> = {
  'minilm-l6': minilm,
  'roberta-mean-matryoshka': fixture('roberta-mean-matryoshka'),
  't5-dense': fixture('t5-dense'),
}

function fixture(model: string): Tokenizer {
  return new Tokenizer(readFixtureJson(model, 'tokenizer.json'), {}, LIMITS)
}

function chunk(tokenizer: Tokenizer, text: string, options: ChunkTextOptions): readonly TextChunkSpan[] {
  return finish(chunkSteps(tokenizer, text, options)).result
}

describe('chunkSteps() with 100,000 characters', () => {
  const sentence =
    'It is a truth universally acknowledged, that a man in possession of a good fortune must be in want of a wife.\n'
  const fill = (part: string, length: number): string => part.repeat(length / part.length)
  const hostileTexts = [
    'a',
    '\ud800',
    'e\u0301',
    '\u0301',
    '\u{1F1E9}\u{1F1EA}',
    '今日は良い天気です。',
    '1.',
    'a_',
    '\u0000 x',
  ]

  it('takes under two seconds', () => {
    const start = performance.now()
    const chunks = chunk(minilm, fill(sentence, 100_000), { maxTokens: 256, overlapTokens: 32 })
    expect(chunks.length).toBeGreaterThan(50)
    // About 300 ms where this was written.
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it.each(['minilm-l6', 'roberta-mean-matryoshka', 't5-dense'])('takes time in proportion: %s', (name) => {
    const measure = (length: number): number => {
      const start = performance.now()
      for (const text of hostileTexts) {
        chunk(TOKENIZERS[name] as Tokenizer, fill(text, length), { maxTokens: 64, overlapTokens: 8 })
      }
      return performance.now() - start
    }
    measure(4000)
    // A quadratic step would take a hundred times as long; the rest is room for a busy machine.
    expect(measure(40_000)).toBeLessThan(40 * measure(4000) + 500)
  })
})
