import { describe, expect, test } from 'vitest'
import { readProse } from '../prose.js'
import { createCorpora, MIXED_TOKENS, type CorporaRequest } from './corpora.js'

/** Counts like a tokenizer with pieces of up to 4 letters, and a special token at each end. */
const countTokens: CorporaRequest['countTokens'] = (texts) =>
  Promise.resolve(texts.map((text) => 2 + (text.match(/\p{L}{1,4}|\p{N}|[^\p{L}\p{N}\s]/gu)?.length ?? 0)))

const sentences = readProse()
const request = { sentences, countTokens, seed: 1, shortCount: 512, mixedCount: 500, queryCount: 400 }

/** Median and mean of `10 * 25.6 ** (u * u)`, `u` even from 0 to 1. */
const MIXED = { median: 10 * 25.6 ** 0.25, mean: 51 }

describe('createCorpora()', () => {
  test('has prose of some hundred sentences to work with, without mark-up', () => {
    expect(sentences.length).toBeGreaterThan(300)
    expect(sentences.filter((sentence) => /[<>&]|\s{2}/.test(sentence))).toEqual([])
  })

  test('gives as many texts as asked for, none of them twice', async () => {
    const { short, mixed, queries } = await createCorpora(request)
    for (const [texts, count] of [
      [short, 512],
      [mixed, 500],
      [queries, 400],
    ] as const) {
      expect(texts).toHaveLength(count)
      expect(new Set(texts).size).toBe(count)
      expect(texts.filter((text) => text.trim() !== text || text === '')).toEqual([])
    }
  })

  test('gives mixed texts of 10 to 256 tokens whose lengths are skewed as documented', async () => {
    const { mixed } = await createCorpora(request)
    const counts = Array.from(await countTokens(mixed)).sort((a, b) => a - b)
    expect(counts[0]).toBeGreaterThanOrEqual(MIXED_TOKENS.min)
    expect(counts.at(-1)).toBeLessThanOrEqual(MIXED_TOKENS.max)
    expect(counts.at(-1)).toBeGreaterThan(MIXED_TOKENS.max - 20)
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    expect(Math.abs(mean / MIXED.mean - 1)).toBeLessThan(0.15)
    expect(Math.abs((counts[250] ?? NaN) / MIXED.median - 1)).toBeLessThan(0.15)
  })

  test('gives short sentences of 5 to 15 words and queries of 2 to 6', async () => {
    const { short, queries } = await createCorpora(request)
    const words = (texts: readonly string[]): number[] => texts.map((text) => text.split(' ').length)
    expect([Math.min(...words(short)), Math.max(...words(short))]).toEqual([5, 15])
    expect(Math.max(...words(queries))).toBeLessThanOrEqual(6)
  })

  test('gives the same texts for the same seed, and others for another', async () => {
    const first = await createCorpora(request)
    expect(await createCorpora(request)).toEqual(first)
    const other = await createCorpora({ ...request, seed: 2 })
    expect(other.short.filter((text) => first.short.includes(text)).length).toBeLessThan(100)
  })

  test('refuses prose that is too short for the longest text', async () => {
    await expect(createCorpora({ ...request, sentences: ['A word or two'] })).rejects.toThrow(
      'Cannot make corpora as their prose must have at least 256 words: current value is 4',
    )
  })
})
