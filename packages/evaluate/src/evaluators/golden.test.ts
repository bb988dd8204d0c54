import { goldenEvaluators } from '@nestling/testing/evaluators'
import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import { describe, expect, it } from 'vitest'
import { SIMILARITY_FUNCTIONS } from '@nestling/kit/math/similarity-function'
import { BinaryClassificationEvaluator } from './binary-classification-evaluator.js'
import { EmbeddingSimilarityEvaluator } from './embedding-similarity-evaluator.js'
import { InformationRetrievalEvaluator } from './information-retrieval-evaluator.js'
import { matryoshkaTable } from './matryoshka-table.js'
import { ParaphraseMiningEvaluator } from './paraphrase-mining-evaluator.js'
import { TripletEvaluator } from './triplet-evaluator.js'

const golden = goldenEvaluators
const DIMS = [16, 8, 4] as const

/** Numbers come from float32 scores, which Python sums in another order. */
const TOLERANCE = 1e-6

function expectMetrics(actual: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, value] of Object.entries(expected)) {
    expect(Math.abs((actual[name] ?? NaN) - value), name).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(value)))
  }
}

const { sentences1, sentences2, scores } = golden.EmbeddingSimilarityEvaluator
const pairs = { sentences1, sentences2, scores, similarityFnNames: SIMILARITY_FUNCTIONS }

describe('EmbeddingSimilarityEvaluator', () => {
  it.each(DIMS)('gives what Python gives at %i dims', async (truncateDim) => {
    const evaluator = new EmbeddingSimilarityEvaluator({ ...pairs, truncateDim })
    const { metrics, primaryMetric } = await evaluator.evaluate(new GoldenEmbedder())
    expectMetrics(metrics, golden.EmbeddingSimilarityEvaluator[truncateDim])
    expect(primaryMetric).toBe('spearman_max')
  })
})

describe('matryoshkaTable()', () => {
  it('gives every dim and every similarity in one call, and encodes once', async () => {
    const embedder = new GoldenEmbedder()
    const evaluator = new EmbeddingSimilarityEvaluator({ sentences1, sentences2, scores })
    const table = await matryoshkaTable(evaluator, embedder, { dims: DIMS })
    expect(table.map(({ truncateDim }) => truncateDim)).toEqual(DIMS)
    for (const [index, dim] of DIMS.entries()) {
      expectMetrics(table[index]?.metrics ?? {}, golden.EmbeddingSimilarityEvaluator[dim])
    }
    expect(embedder.calls).toHaveLength(1)
  })
})

describe('BinaryClassificationEvaluator', () => {
  it('gives what Python gives', async () => {
    const { metrics: expected, ...options } = golden.BinaryClassificationEvaluator
    const evaluator = new BinaryClassificationEvaluator({ ...options, similarityFnNames: SIMILARITY_FUNCTIONS })
    const { metrics, primaryMetric } = await evaluator.evaluate(new GoldenEmbedder())
    expectMetrics(metrics, expected)
    expect(primaryMetric).toBe('max_ap')
  })
})

describe('TripletEvaluator', () => {
  it('gives what Python gives', async () => {
    const { metrics: expected, ...options } = golden.TripletEvaluator
    const evaluator = new TripletEvaluator({ ...options, similarityFnNames: SIMILARITY_FUNCTIONS })
    const { metrics, primaryMetric } = await evaluator.evaluate(new GoldenEmbedder())
    expectMetrics(metrics, expected)
    expect(primaryMetric).toBe('max_accuracy')
  })
})

describe('InformationRetrievalEvaluator', () => {
  const { queries, corpus, relevant, metrics: expected } = golden.InformationRetrievalEvaluator
  const options = { queries, corpus, relevantDocs: relevant, scoreFunctions: ['dot', 'cosine'] as const }

  it('gives what Python gives', async () => {
    const { metrics, primaryMetric } = await new InformationRetrievalEvaluator(options).evaluate(new GoldenEmbedder())
    expectMetrics(metrics, expected)
    expect(primaryMetric).toBe('cosine_ndcg@10')
  })

  it.each([1, 7, 59])('gives the same in chunks of %i', async (corpusChunkSize) => {
    const evaluator = new InformationRetrievalEvaluator({ ...options, corpusChunkSize })
    expectMetrics((await evaluator.evaluate(new GoldenEmbedder())).metrics, expected)
  })
})

describe('ParaphraseMiningEvaluator', () => {
  it('gives what Python gives', async () => {
    const { sentences, duplicates, metrics: expected } = golden.ParaphraseMiningEvaluator
    const evaluator = new ParaphraseMiningEvaluator({ sentencesMap: sentences, duplicatesList: duplicates })
    const { metrics, primaryMetric } = await evaluator.evaluate(new GoldenEmbedder())
    expectMetrics(metrics, expected)
    expect(primaryMetric).toBe('average_precision')
  })
})
