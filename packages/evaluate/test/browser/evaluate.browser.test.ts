import { load, type Embedder } from 'nestling'
import { decodeFloats } from '@nestling/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  EmbeddingSimilarityEvaluator,
  InformationRetrievalEvaluator,
  matryoshkaTable,
  pearson,
  spearman,
} from '../../src/index.js'

const FOLDER = '/fixtures/bert-mean-normalize'

interface Golden {
  readonly texts: readonly string[]
  /** Python's similarity of texts[i] and texts[12 + i]. */
  readonly similarityPairwise: string
}

describe('evaluators with an embedder in its worker', () => {
  let embedder: Embedder
  let golden: Golden

  beforeAll(async () => {
    golden = (await (await fetch(`${FOLDER}/golden.json`)).json()) as Golden
    embedder = await load(FOLDER, { device: 'wasm' })
  })
  afterAll(() => embedder.dispose())

  const scores = [3, 1, 4, 1.5, 5, 0, 2, 2.5, 3, 4.5, 0.5, 3.5]
  const pairs = () => ({ sentences1: golden.texts.slice(0, 12), sentences2: golden.texts.slice(12, 24), scores })

  it('give the correlations that follow from the similarities of Python', async () => {
    const { metrics } = await new EmbeddingSimilarityEvaluator(pairs()).evaluate(embedder, { batchSize: 5 })
    const python = decodeFloats(golden.similarityPairwise)
    expect(metrics['pearson_cosine']).toBeCloseTo(pearson(scores, python), 4)
    expect(metrics['spearman_cosine']).toBeCloseTo(spearman(scores, python), 4)
  })

  it.each(['int8', 'ubinary'] as const)('evaluate %s, alone as in a table', async (precision) => {
    const evaluator = new EmbeddingSimilarityEvaluator({ ...pairs(), precision })
    const [table] = await matryoshkaTable(evaluator, embedder, { dims: [16], similarityFnNames: ['cosine'] })
    expect(table).toEqual(await evaluator.evaluate(embedder, { truncateDim: 16 }))
    expect(table?.metrics['spearman_cosine']).not.toBeNaN()
  })

  it('find every text by itself, and end with the reason of an abort', async () => {
    const corpus = Object.fromEntries([...new Set(golden.texts)].filter(Boolean).entries())
    const relevantDocs = Object.fromEntries(Object.keys(corpus).map((id) => [id, [id]]))
    const evaluator = new InformationRetrievalEvaluator({ queries: corpus, corpus, relevantDocs })
    const { metrics } = await evaluator.evaluate(embedder)
    expect(metrics['cosine_recall@10']).toBeGreaterThan(0.8)
    const reason = new Error('enough')
    const controller = new AbortController()
    const onProgress = (): void => {
      controller.abort(reason)
    }
    await expect(evaluator.evaluate(embedder, { onProgress, signal: controller.signal })).rejects.toBe(reason)
  })
})
