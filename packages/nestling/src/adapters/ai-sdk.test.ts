import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import { cosineSimilarity, embed, embedMany, type EmbeddingModel } from 'ai'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Embedder } from '../api/embedder.js'
import { createEmbeddingModel } from './ai-sdk.js'

const vectorOf = (text: string): Float32Array => Float32Array.of(text.length, text.replace(/[^aeiou]/g, '').length, 1)

describe('createEmbeddingModel()', () => {
  it('is a model for embed() and embedMany() of the AI SDK', async () => {
    const embedder = new GoldenEmbedder(vectorOf)
    const model = createEmbeddingModel(embedder)
    const many = await embedMany({ model, values: ['abc', 'ae'] })
    expect(many.embeddings).toEqual([
      [3, 1, 1],
      [2, 2, 1],
    ])
    const providerOptions = { nestling: { role: 'query' } }
    const { embedding, warnings } = await embed({ model, value: 'ae', providerOptions })
    expect(embedding).toEqual([2, 2, 1])
    expect(warnings).toEqual([])
    // 3 * 2 + 1 * 2 + 1 * 1, divided by the lengths.
    expect(cosineSimilarity(many.embeddings[0] ?? [], embedding)).toBeCloseTo(9 / Math.sqrt(11 * 9), 6)
    expect(embedder.calls.map(({ method, texts }) => [method, texts])).toEqual([
      ['encodeDocument', ['abc', 'ae']],
      ['encodeQuery', ['ae']],
    ])
  })

  it('tells how many tokens were read where the embedder does', async () => {
    const golden = new GoldenEmbedder(vectorOf)
    const tokens = { tokenCounts: Int32Array.of(4, 3), truncated: Uint8Array.of(0, 0) }
    const encodeDocument: GoldenEmbedder['encodeDocument'] = async (texts, options) => ({
      ...(await golden.encodeDocument(texts, options)),
      tokens,
    })
    const model = createEmbeddingModel({ encodeQuery: golden.encodeQuery, encodeDocument })
    expect((await embedMany({ model, values: ['abc', 'ae'] })).usage).toEqual({ tokens: 7 })
  })

  it('sends a list of any length in one call', async () => {
    const embedder = new GoldenEmbedder(vectorOf)
    const values = Array.from({ length: 5000 }, () => 'abc')
    await embedMany({ model: createEmbeddingModel(embedder), values })
    expect(embedder.calls).toHaveLength(1)
  })

  it('hands options and the signal on; those of a call go before', async () => {
    const embedder = new GoldenEmbedder(vectorOf)
    const model = createEmbeddingModel(embedder, { role: 'query', truncateDim: 2 })
    const { signal } = new AbortController()
    await embed({ model, value: 'abc', abortSignal: signal })
    const { embedding } = await embed({ model, value: 'abc', providerOptions: { nestling: { truncateDim: 1 } } })
    expect(embedding).toEqual([3])
    expect(embedder.calls.map(({ options }) => options.truncateDim)).toEqual([2, 1])
    expect(embedder.calls[0]).toMatchObject({ method: 'encodeQuery', options: { signal } })
  })

  it('rejects with the reason of the signal', async () => {
    const reason = new Error('enough')
    const model = createEmbeddingModel(new GoldenEmbedder(vectorOf))
    const call = embed({ model, value: 'abc', abortSignal: AbortSignal.abort(reason), maxRetries: 0 })
    await expect(call).rejects.toBe(reason)
  })

  it('refuses options that do not exist or cannot be, also those of a call', async () => {
    const embedder = new GoldenEmbedder(vectorOf)
    const create = (options: object) => () => createEmbeddingModel(embedder, options)
    expect(create({ dims: 2 })).toThrow(/dims is not an option: the options are role, truncateDim, normalize, modelId/)
    expect(create({ role: 'title' })).toThrow(/role must be one of document, query: current value is/)
    const providerOptions = { nestling: { taskType: 'query' } }
    const call = embed({ model: createEmbeddingModel(embedder), value: 'a', providerOptions, maxRetries: 0 })
    await expect(call).rejects.toThrow(/taskType is not an option/)
  })

  it('takes an Embedder and is what the AI SDK calls a model', () => {
    expectTypeOf<Embedder>().toExtend<Parameters<typeof createEmbeddingModel>[0]>()
    expectTypeOf<ReturnType<typeof createEmbeddingModel>>().toExtend<EmbeddingModel>()
  })
})
