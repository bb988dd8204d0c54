import { load, type Embedder } from 'nestling'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const TEXT = 'The children went away from the house. It is well, they said! '.repeat(40)

describe('embedder.chunk()', () => {
  let embedder: Embedder

  beforeAll(async () => {
    embedder = await load('/fixtures/bert-mean-normalize', { device: 'wasm' })
  })
  afterAll(() => embedder.dispose())

  it('gives chunks with text, offsets and the tokens that the model counts', async () => {
    const options = { maxTokens: 32, overlapTokens: 6 }
    const chunks = await embedder.chunk(TEXT, options)
    expect(chunks.length).toBeGreaterThan(10)
    for (const { text, start, end } of chunks) expect(text).toBe(TEXT.slice(start, end))
    const counts = await embedder.countTokens(chunks.map(({ text }) => text))
    expect(chunks.map(({ tokenCount }) => tokenCount)).toEqual(Array.from(counts))
    expect(Math.max(...counts)).toBeLessThanOrEqual(32)
    // Behind an overlap each chunk starts before the last one ends.
    expect(chunks.slice(1).every(({ start }, index) => start < (chunks[index]?.end ?? 0))).toBe(true)
    expect(await embedder.chunk(['It is well.', '', TEXT], options)).toEqual([
      [{ text: 'It is well.', start: 0, end: 11, tokenCount: await embedder.countTokens('It is well.') }],
      [{ text: '', start: 0, end: 0, tokenCount: 2 }],
      chunks,
    ])
    expect(await embedder.chunk([])).toEqual([])
  })

  it('takes what the model reads for the default, of which nothing is cut', async () => {
    const chunks = await embedder.chunk(TEXT)
    const tokenized = await embedder.tokenize(chunks.map(({ text }) => text))
    expect(tokenized.some(({ truncated }) => truncated)).toBe(false)
    expect(chunks.length).toBeGreaterThan(1)
  })

  it('refuses misuse, also where only the worker can tell', async () => {
    await expect(embedder.chunk(5 as unknown as string)).rejects.toThrow(/Cannot chunk as the input must be a string/)
    await expect(embedder.chunk('a', { maxTokens: 2 })).rejects.toThrow(RangeError)
    await expect(embedder.chunk('a', { maxTokens: 2 })).rejects.toThrow(/at least 3 .*: current value is 2/)
    await expect(embedder.chunk('a', { maxTokens: 8, overlapTokens: 6 })).rejects.toThrow(/from 0 to 5, /)
  })

  it('ends at once on an abort, and the worker goes on with what comes next', async () => {
    const controller = new AbortController()
    const texts = Array.from({ length: 100 }, () => TEXT.repeat(20))
    const chunking = embedder.chunk(texts, { maxTokens: 16, signal: controller.signal })
    const reason = new Error('enough')
    setTimeout(() => {
      controller.abort(reason)
    }, 50)
    await expect(chunking).rejects.toBe(reason)
    const start = performance.now()
    expect(await embedder.countTokens('It is well.')).toBeGreaterThan(2)
    // All the texts take tens of seconds.
    expect(performance.now() - start).toBeLessThan(10_000)
    await expect(embedder.chunk('a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
