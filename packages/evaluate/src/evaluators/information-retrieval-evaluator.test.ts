import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import { describe, expect, it } from 'vitest'
import { InformationRetrievalEvaluator } from './information-retrieval-evaluator.js'

/** The text is the angle in degrees. */
function compass(): GoldenEmbedder {
  return new GoldenEmbedder((text) => {
    const angle = (Number(text) * Math.PI) / 180
    return Float32Array.of(Math.cos(angle), Math.sin(angle))
  })
}

const OPTIONS = {
  queries: { q: '0' },
  corpus: { a: '10', b: '20', c: '30', d: '170' },
  relevantDocs: { q: ['b', 'd'] },
}

describe('InformationRetrievalEvaluator', () => {
  it('has the metrics of Python, in its order', async () => {
    const { metrics, primaryMetric } = await new InformationRetrievalEvaluator(OPTIONS).evaluate(compass())
    const at = (name: string, ks: readonly number[]): string[] => ks.map((k) => `cosine_${name}@${k}`)
    expect(Object.keys(metrics)).toEqual([
      ...at('accuracy', [1, 3, 5, 10]),
      ...at('precision', [1, 3, 5, 10]),
      ...at('recall', [1, 3, 5, 10]),
      ...at('ndcg', [10]),
      ...at('mrr', [10]),
      ...at('map', [100]),
    ])
    expect(primaryMetric).toBe('cosine_ndcg@10')
    expect(metrics).toMatchObject({
      'cosine_accuracy@1': 0,
      'cosine_accuracy@3': 1,
      'cosine_precision@3': 1 / 3,
      'cosine_recall@3': 1 / 2,
      'cosine_mrr@10': 1 / 2,
      'cosine_map@100': (1 / 2 + 2 / 4) / 2,
    })
  })

  it('takes a k that is larger than the corpus', async () => {
    const { metrics } = await new InformationRetrievalEvaluator({ ...OPTIONS, accuracyAtK: [1000] }).evaluate(compass())
    expect(metrics).toMatchObject({ 'cosine_accuracy@1000': 1, 'cosine_precision@10': 2 / 10, 'cosine_recall@10': 1 })
  })

  it('counts a relevant id that is named twice, and texts that are there twice, once each', async () => {
    const options = { ...OPTIONS, corpus: { a: '10', b: '10', c: '90' }, relevantDocs: { q: ['a', 'a', 'b', 'a'] } }
    const { metrics } = await new InformationRetrievalEvaluator(options).evaluate(compass())
    const ones = ['accuracy@1', 'precision@1', 'recall@3', 'ndcg@10', 'mrr@10', 'map@100']
    expect(ones.map((name) => metrics[`cosine_${name}`])).toEqual(ones.map(() => 1))
    expect(metrics).toMatchObject({ 'cosine_recall@1': 1 / 2, 'cosine_precision@3': 2 / 3 })
  })

  it('counts unknown ids as not found, and leaves queries without relevant documents out', async () => {
    const options = {
      ...OPTIONS,
      queries: { q: '0', other: '90', nothing: '45' },
      relevantDocs: { q: ['a', 'unknown'], nothing: [], nobody: ['a'] },
    }
    const embedder = compass()
    const { metrics } = await new InformationRetrievalEvaluator(options).evaluate(embedder)
    expect(metrics).toMatchObject({ 'cosine_accuracy@1': 1, 'cosine_recall@10': 1 / 2, 'cosine_map@100': 1 / 2 })
    expect(embedder.calls[0]).toMatchObject({ method: 'encodeQuery', texts: ['0'] })
  })

  it('puts documents of equal score in the order of their ids, whatever the chunks are', async () => {
    const corpus = new Map([
      ['z', '10'],
      ['b', '10'],
      ['\u{1F600}', '10'],
      ['\uFF5E', '10'],
      ['a', '10'],
    ])
    for (const corpusChunkSize of [1, 2, 3, 50]) {
      // By code points U+FF5E comes before U+1F600, by UTF-16 units after it.
      for (const [place, id] of ['a', 'b', 'z', '\uFF5E', '\u{1F600}'].entries()) {
        const options = { queries: { q: '0' }, corpus, relevantDocs: { q: [id] }, corpusChunkSize, mapAtK: [5] }
        const { metrics } = await new InformationRetrievalEvaluator(options).evaluate(compass())
        expect(metrics['cosine_mrr@10']).toBe(1 / (place + 1))
      }
    }
  })

  it('keeps only what the largest k needs, the lowest ids of equal scores', async () => {
    const corpus = { d: '10', c: '10', b: '10', a: '10' }
    const small = { accuracyAtK: [1], precisionRecallAtK: [2], mrrAtK: [2], ndcgAtK: [1], mapAtK: [1] }
    const options = { ...small, queries: { q: '0' }, corpus, relevantDocs: { q: ['b'] } }
    const { metrics } = await new InformationRetrievalEvaluator(options).evaluate(compass())
    expect(metrics).toMatchObject({ 'cosine_recall@2': 1, 'cosine_mrr@2': 1 / 2 })
  })

  it('encodes with the methods and prompts for queries and documents', async () => {
    const embedder = compass()
    const options = { ...OPTIONS, queryPrompt: 'query: ', corpusPromptName: 'passage', corpusChunkSize: 3 }
    await new InformationRetrievalEvaluator(options).evaluate(embedder, { batchSize: 7 })
    expect(embedder.calls.map(({ method }) => method)).toEqual(['encodeQuery', 'encodeDocument', 'encodeDocument'])
    expect(embedder.calls[0]?.options).toMatchObject({ prompt: 'query: ', batchSize: 7 })
    expect(embedder.calls[0]?.options).not.toHaveProperty('promptName')
    expect(embedder.calls[1]?.options).toMatchObject({ promptName: 'passage' })
  })

  it('falls back to encode()', async () => {
    const { encode } = compass()
    const { metrics } = await new InformationRetrievalEvaluator(OPTIONS).evaluate({ encode })
    expect(metrics['cosine_mrr@10']).toBe(1 / 2)
  })

  it('takes the best NDCG as the primary metric, or the one that is named', async () => {
    const vectors: Readonly<Record<string, readonly number[]>> = { q: [1, 0], near: [1, 0.1], long: [9, 9] }
    const embedder = new GoldenEmbedder((text) => Float32Array.from(vectors[text] ?? []))
    const options = {
      queries: { q: 'q' },
      corpus: { near: 'near', long: 'long' },
      relevantDocs: { q: new Set(['long']) },
      scoreFunctions: ['cosine', 'dot'] as const,
    }
    expect((await new InformationRetrievalEvaluator(options).evaluate(embedder)).primaryMetric).toBe('dot_ndcg@10')
    const named = new InformationRetrievalEvaluator({ ...options, mainScoreFunction: 'cosine' })
    expect((await named.evaluate(embedder)).primaryMetric).toBe('cosine_ndcg@10')
  })
})

describe('new InformationRetrievalEvaluator()', () => {
  it.each<[string, object, typeof TypeError | typeof RangeError, RegExp]>([
    ['an unknown option', { relevant: {} }, TypeError, /relevant is not an option/],
    ['an empty corpus', { corpus: {} }, RangeError, /corpus must not be empty: current size is 0/],
    ['no queries', { queries: new Map() }, RangeError, /queries must not be empty/],
    ['no relevant documents', { relevantDocs: { other: ['a'] } }, RangeError, /current number of such queries is 0/],
    ['documents that are a list', { corpus: ['10'] }, TypeError, /corpus must be a Map or an object/],
    ['a document that is no text', { corpus: { a: { text: '10' } } }, TypeError, /current value of "a" is an object/],
    ['relevant documents that are a text', { relevantDocs: { q: 'ab' } }, TypeError, /lists or sets: .* "q" is "ab"/],
    ['relevant documents that are null', { relevantDocs: { q: null } }, TypeError, /lists or sets: .* "q" is null/],
    ['ids that are numbers', { relevantDocs: { q: ['a', 7] } }, TypeError, /ids, which are strings: .* of "q" is 7/],
    [
      'grades by id',
      { relevantDocs: { q: new Map([['a', 1]]) } },
      TypeError,
      /ids, which are strings: .* is a list of 2/,
    ],
    [
      'a map with numbers',
      { corpus: new Map([[7, '10']]) },
      TypeError,
      /keys of corpus must be strings: .* value is 7/,
    ],
    ['a k of 0', { mrrAtK: [10, 0] }, RangeError, /mrrAtK must be a positive integer: current value is 0/],
    ['no k', { ndcgAtK: [] }, RangeError, /ndcgAtK must not be empty/],
    ['a chunk of half a document', { corpusChunkSize: 0.5 }, RangeError, /corpusChunkSize .* 0\.5/],
    ['an unknown score function', { scoreFunctions: ['bm25'] }, TypeError, /scoreFunctions .* "bm25"/],
    ['a prompt that is no text', { queryPrompt: 1 }, TypeError, /queryPrompt must be a string/],
  ])('refuses %s', (_, change, type, message) => {
    const make = (): unknown => new InformationRetrievalEvaluator({ ...OPTIONS, ...change })
    expect(make).toThrow(type)
    expect(make).toThrow(message)
  })
})
