import { expect, expectTypeOf, it, vi } from 'vitest'
import type { Embedder } from 'nestling'
import * as evaluate from './index.js'

it('exports this and nothing else', () => {
  expect(Object.keys(evaluate).sort()).toEqual([
    'BinaryClassificationEvaluator',
    'EmbeddingSimilarityEvaluator',
    'InformationRetrievalEvaluator',
    'ParaphraseMiningEvaluator',
    'SIMILARITY_FN_NAMES',
    'TripletEvaluator',
    'accuracyAtK',
    'averagePrecision',
    'evaluationsToCsv',
    'evaluationsToJson',
    'evaluationsToMarkdown',
    'findBestAccAndThreshold',
    'findBestF1AndThreshold',
    'mapAtK',
    'matryoshkaTable',
    'matthewsCorrcoef',
    'mrrAtK',
    'ndcgAtK',
    'pearson',
    'precisionAtK',
    'recallAtK',
    'spearman',
  ])
})

it("takes nestling's Embedder as it is", () => {
  expectTypeOf<Embedder>().toExtend<evaluate.EvaluableEmbedder>()
})

it('touches no global of browsers at import', async () => {
  vi.resetModules()
  const touched: string[] = []
  for (const name of ['window', 'document', 'location', 'Worker', 'indexedDB']) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => {
        touched.push(name)
        return undefined
      },
    })
  }
  await import('./index.js')
  for (const name of ['window', 'document', 'location', 'Worker', 'indexedDB']) Reflect.deleteProperty(globalThis, name)
  expect(touched).toEqual([])
})
