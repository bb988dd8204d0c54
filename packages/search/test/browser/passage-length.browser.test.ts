import { minilmL6 } from '@nestling/minilm-l6'
import { createIndex, type SearchEmbedder } from '@nestling/search'
import { load, type Embedder } from 'nestling'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Reads 256 tokens. */
let embedder: Embedder
beforeAll(async () => {
  embedder = await load(minilmL6, { device: 'wasm' })
})
afterAll(() => embedder.dispose())

/** Each sentence is nine tokens. */
const sentences = (count: number): string =>
  Array.from({ length: count }, () => 'The old river rises early in the spring .').join(' ')

/** Tokens of what is encoded of a text. */
async function countsOf(text: string, title?: string): Promise<Int32Array> {
  const inputs: string[] = []
  const { dim, maxSeqLength, nestedDims, similarityFunction, prompts } = embedder
  const noting: SearchEmbedder = {
    ...{ dim, maxSeqLength, nestedDims, similarityFunction, prompts },
    encodeQuery: (query, how) => embedder.encodeQuery(query, how),
    encodeDocument(texts, how) {
      inputs.push(...texts)
      return embedder.encodeDocument(texts, how)
    },
    chunk: (texts, how) => embedder.chunk(texts, how),
  }
  const index = await createIndex({ embedder: noting })
  await index.add([{ id: 1, text, ...(title === undefined ? {} : { metadata: { title } }) }])
  await index.dispose()
  return embedder.countTokens(inputs)
}

describe('passages', () => {
  it('have at most 200 tokens, with what stands in front of them', async () => {
    for (const title of [undefined, 'Rivers and lakes']) {
      const counts = await countsOf(sentences(60), title)
      expect(counts.length).toBeGreaterThan(2)
      expect(Math.max(...counts)).toBeLessThanOrEqual(200)
      expect(Math.max(...counts)).toBeGreaterThan(150)
    }
  })

  it('are whole documents where these have no more', async () => {
    // 22 sentences are 200 tokens with the two special ones.
    expect(await countsOf(sentences(22))).toEqual(Int32Array.of(200))
    expect(await countsOf(sentences(23))).toHaveLength(2)
    expect(await countsOf(sentences(22), 'Rivers')).toHaveLength(2)
  })
})
