import {
  BinaryClassificationEvaluator,
  EmbeddingSimilarityEvaluator,
  evaluationsToCsv,
  evaluationsToJson,
  evaluationsToMarkdown,
  InformationRetrievalEvaluator,
  matryoshkaTable,
  ParaphraseMiningEvaluator,
  TripletEvaluator,
  type EncodeTexts,
  type EvaluableEmbedder,
} from '@nestling/evaluate'
import { decodeFloats } from '@nestling/testing'
import { fixturePath, readGolden } from '@nestling/testing/disk'
import { load, type Embedder } from 'nestling'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

// A thread starts, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const MODEL = 'bert-mean-normalize'
const golden = readGolden(MODEL)
const vectors = decodeFloats(golden.embeddings)
/** Equal vectors would be in any order. */
const texts = golden.texts.filter((text) => text.trim() !== '')

/** Hands out the vectors that Python gave for the texts. */
const python: EvaluableEmbedder = {
  encode: ((asked, { truncateDim: dim = golden.dimension }) => {
    const rows = asked.map((text) => {
      const start = golden.texts.indexOf(text) * golden.dimension
      return vectors.subarray(start, start + dim)
    })
    const data = Float32Array.from(rows.flatMap((row) => [...row]))
    return Promise.resolve({ data, count: rows.length, dim })
  }) satisfies EncodeTexts,
}

let embedder: Embedder
beforeAll(async () => {
  embedder = await load(fixturePath(MODEL, '').replace(/\/$/, ''), { workers: 1 })
})
afterAll(async () => {
  await embedder.dispose()
})

const half = texts.length >> 1
const [left, right] = [texts.slice(0, half), texts.slice(half, 2 * half)]
const byId = (list: readonly string[]): Record<string, string> =>
  Object.fromEntries(list.map((text, id) => [String(id), text]))

const EVALUATORS = [
  new EmbeddingSimilarityEvaluator({
    sentences1: left,
    sentences2: right,
    scores: left.map((_, index) => (index * 5) % 7),
  }),
  new BinaryClassificationEvaluator({ sentences1: left, sentences2: right, labels: left.map((_, index) => index % 2) }),
  new TripletEvaluator({ anchors: left, positives: right, negatives: right.toReversed() }),
  new InformationRetrievalEvaluator({
    queries: byId(left),
    corpus: byId(right),
    relevantDocs: Object.fromEntries(left.map((_, index) => [String(index), [String((index * 3) % half)]])),
  }),
  new ParaphraseMiningEvaluator({
    sentencesMap: byId(texts),
    duplicatesList: left.map((_, index) => [String(index), String(index + half)] as const),
  }),
]

it.each(EVALUATORS)('an evaluator gives on Node what it gives for the vectors of Python', async (evaluator) => {
  const [here, there] = [await evaluator.evaluate(embedder), await evaluator.evaluate(python)]
  expect(here.primaryMetric).toBe(there.primaryMetric)
  expect(Object.keys(here.metrics)).toEqual(Object.keys(there.metrics))
  for (const [name, value] of Object.entries(there.metrics)) {
    expect([name, here.metrics[name]]).toEqual([name, expect.closeTo(value, 4)])
  }
  expect(Object.values(there.metrics).some((value) => value !== 0 && value !== 1)).toBe(true)
})

it('writes its reports', async () => {
  const [evaluator] = EVALUATORS as [EmbeddingSimilarityEvaluator]
  const table = await matryoshkaTable(evaluator, embedder, { dims: [32, 8] })
  const report = JSON.parse(evaluationsToJson(table)) as { metrics: Record<string, number>; truncateDim: number }[]
  expect(report.map(({ truncateDim }) => truncateDim)).toEqual([32, 8])
  expect(report[1]?.metrics).toEqual(table[1]?.metrics)
  expect(evaluationsToCsv(table).trim().split(/\r?\n/)).toHaveLength(3)
  expect(evaluationsToMarkdown(table)).toContain('\n| metric | 32 | 8 |\n')
})
