import { FakeVectorStore } from '@langchain/core/utils/testing'
import type { EmbeddingsInterface } from '@langchain/core/embeddings'
import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Embedder } from '../api/embedder.js'
import { NestlingEmbeddings } from './langchain.js'

/** Length, and how many letters are vowels. */
const vectorOf = (text: string): Float32Array => Float32Array.of(text.length, text.replace(/[^aeiou]/g, '').length, 1)

describe('NestlingEmbeddings', () => {
  it('gives a vector store of LangChain what it searches with', async () => {
    const embedder = new GoldenEmbedder(vectorOf)
    const embeddings = new NestlingEmbeddings(embedder)
    const store = await FakeVectorStore.fromTexts(['aaaaaaaa', 'bbbbbbbb'], [{ id: 1 }, { id: 2 }], embeddings)
    const [nearest] = await store.similaritySearch('eeee', 1)
    // (4, 4, 1) points along (8, 8, 1) and away from (8, 0, 1).
    expect(nearest?.metadata).toEqual({ id: 1 })
    expect(embedder.calls.map(({ method, texts }) => [method, texts])).toEqual([
      ['encodeDocument', ['aaaaaaaa', 'bbbbbbbb']],
      ['encodeQuery', ['eeee']],
    ])
  })

  it('gives arrays of numbers in the order of the texts', async () => {
    const embeddings = new NestlingEmbeddings(new GoldenEmbedder(vectorOf))
    expect(await embeddings.embedDocuments(['abc', 'ae'])).toEqual([
      [3, 1, 1],
      [2, 2, 1],
    ])
    expect(await embeddings.embedQuery('abc')).toEqual([3, 1, 1])
    expect(await embeddings.embedDocuments([])).toEqual([])
  })

  it('hands its options on', async () => {
    const embedder = new GoldenEmbedder(vectorOf)
    const embeddings = new NestlingEmbeddings(embedder, { truncateDim: 2, normalize: true })
    expect(await embeddings.embedQuery('abc')).toEqual([3, 1])
    expect(embedder.calls[0]?.options).toEqual({ truncateDim: 2, normalize: true })
  })

  it('refuses options that do not exist or cannot be', () => {
    const embedder = new GoldenEmbedder(vectorOf)
    const create = (options: object) => () => new NestlingEmbeddings(embedder, options)
    expect(create({ dims: 2 })).toThrow(/dims is not an option: the options are truncateDim, normalize/)
    expect(create({ truncateDim: 0 })).toThrow(RangeError)
    expect(create({ normalize: 1 })).toThrow(TypeError)
  })

  it('takes an Embedder and is what LangChain calls embeddings', () => {
    expectTypeOf<Embedder>().toExtend<ConstructorParameters<typeof NestlingEmbeddings>[0]>()
    expectTypeOf<NestlingEmbeddings>().toExtend<EmbeddingsInterface>()
  })
})
