import { isEmbedderError, load, type Embedder } from 'nestling/onnx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const LONG = Array.from({ length: 60 }, (_, index) => `Sentence ${index} is about a ferry on the river.`).join(' ')
const SHORT = 'It is well.'

// One whose vectors have length 1, and one whose vectors have any.
describe.each(['bert-mean-normalize', 'bert-max'])('long texts with %s', (model) => {
  let embedder: Embedder
  beforeAll(async () => {
    embedder = await load(`/fixtures/${model}`, { device: 'wasm', engine: 'onnx' })
  })
  afterAll(() => embedder.dispose())

  it('tells of each text how many tokens it has and whether it was cut', async () => {
    const embeddings = await embedder.encode([SHORT, LONG])
    const counts = await embedder.countTokens([SHORT, LONG])
    expect(embeddings.tokens).toEqual({ tokenCounts: counts, truncated: Uint8Array.of(0, 1) })
    expect(structuredClone(embeddings).tokens?.truncated).toEqual(Uint8Array.of(0, 1))
    expect((await embedder.encode(SHORT, { truncateDim: 8 })).tokens?.truncated).toEqual(Uint8Array.of(0))
  })

  it("rejects with the text's place for onTruncate: 'error', and goes on", async () => {
    const texts = [...Array.from({ length: 2000 }, (_, index) => `text ${index}`), LONG]
    const error: unknown = await embedder.encode(texts, { onTruncate: 'error' }).catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'text-too-long')).toBe(true)
    const tokenCount = await embedder.countTokens(LONG)
    expect(error).toMatchObject({ details: { index: 2000, tokenCount, maxSeqLength: embedder.maxSeqLength } })
    expect((await embedder.encode([SHORT], { onTruncate: 'error' })).shape[0]).toBe(1)
  })

  it("gives for onTruncate: 'chunk' the mean of the chunks, weighted by tokens, scaled as the model does", async () => {
    const { chunks, embeddings } = await embedder.encodeChunks(LONG)
    expect(chunks.length).toBeGreaterThan(3)
    expect(chunks.map(({ start, end }) => LONG.slice(start, end))).toEqual(chunks.map(({ text }) => text))
    const total = chunks.reduce((sum, { tokenCount }) => sum + tokenCount, 0)
    const mean = new Array<number>(embedder.dim).fill(0)
    for (const [row, { tokenCount }] of chunks.entries()) {
      embeddings.row(row).forEach((value, index) => {
        mean[index] = (mean[index] ?? 0) + (value * tokenCount) / total
      })
    }
    const length = model.endsWith('normalize') ? Math.hypot(...mean) : 1
    const whole = await embedder.encode([SHORT, LONG], { onTruncate: 'chunk' })
    for (const [index, value] of whole.row(1).entries()) expect(value).toBeCloseTo((mean[index] ?? NaN) / length, 5)
    expect(whole.tokens?.truncated).toEqual(Uint8Array.of(0, 0))
    expect(whole.row(0)).toEqual((await embedder.encode([SHORT])).row(0))
  })

  it('encodes the chunks of several texts', async () => {
    const { chunks, embeddings } = await embedder.encodeChunks([SHORT, LONG, ''], { overlapTokens: 4, truncateDim: 8 })
    expect(embeddings.shape).toEqual([chunks.length, 8])
    expect(new Set(chunks.map(({ textIndex }) => textIndex))).toEqual(new Set([0, 1, 2]))
    expect(embeddings.tokens?.truncated.every((flag) => flag === 0)).toBe(true)
    expect(Array.from(embeddings.tokens?.tokenCounts ?? [])).toEqual(chunks.map(({ tokenCount }) => tokenCount))
  })
})
