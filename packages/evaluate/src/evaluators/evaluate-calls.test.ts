import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import { goldenEvaluators } from '@nestling/testing/evaluators'
import { describe, expect, it, vi } from 'vitest'
import type { EvaluationProgress } from '../run/progress-meter.js'
import { SIMILARITY_FUNCTIONS } from '@nestling/kit/math/similarity-function'
import { BinaryClassificationEvaluator } from './binary-classification-evaluator.js'
import { EmbeddingSimilarityEvaluator } from './embedding-similarity-evaluator.js'
import type { EvaluateOptions, Evaluator } from './evaluator.js'
import { InformationRetrievalEvaluator } from './information-retrieval-evaluator.js'
import { matryoshkaTable, type MatryoshkaTableOptions } from './matryoshka-table.js'
import { ParaphraseMiningEvaluator } from './paraphrase-mining-evaluator.js'
import { TripletEvaluator } from './triplet-evaluator.js'

const { sentences1, sentences2, scores } = goldenEvaluators.EmbeddingSimilarityEvaluator
const { labels } = goldenEvaluators.BinaryClassificationEvaluator
const { anchors, positives, negatives } = goldenEvaluators.TripletEvaluator
const { queries, corpus, relevant } = goldenEvaluators.InformationRetrievalEvaluator
const { sentences, duplicates } = goldenEvaluators.ParaphraseMiningEvaluator

/** Each with its own dim 8. */
const EVALUATORS: readonly (readonly [string, Evaluator])[] = [
  [
    'EmbeddingSimilarityEvaluator',
    new EmbeddingSimilarityEvaluator({ sentences1, sentences2, scores, truncateDim: 8 }),
  ],
  [
    'BinaryClassificationEvaluator',
    new BinaryClassificationEvaluator({ sentences1, sentences2, labels, truncateDim: 8 }),
  ],
  ['TripletEvaluator', new TripletEvaluator({ anchors, positives, negatives, truncateDim: 8 })],
  [
    'InformationRetrievalEvaluator',
    new InformationRetrievalEvaluator({ queries, corpus, relevantDocs: relevant, corpusChunkSize: 25, truncateDim: 8 }),
  ],
  [
    'ParaphraseMiningEvaluator',
    new ParaphraseMiningEvaluator({ sentencesMap: sentences, duplicatesList: duplicates, truncateDim: 8 }),
  ],
]

function expectRise(events: readonly EvaluationProgress[]): void {
  const fractions = events.map(({ fraction }) => fraction)
  expect(fractions.length).toBeGreaterThan(3)
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
  expect(fractions[0]).toBeGreaterThan(0)
  expect(fractions[0]).toBeLessThan(0.5)
  expect(fractions.at(-1)).toBe(1)
  expect(fractions.filter((fraction) => fraction === 1).length).toBeLessThan(4)
  expect(new Set(events.map(({ phase }) => phase))).toEqual(new Set(['encode', 'score']))
}

describe.each(EVALUATORS)('%s', (name, evaluator) => {
  it('reports progress that never falls and ends at 1', async () => {
    const events: EvaluationProgress[] = []
    await evaluator.evaluate(new GoldenEmbedder(), { onProgress: (event) => events.push(event) })
    expectRise(events)
  })

  it('ends with the reason of an abort, before, while it encodes and while it compares', async () => {
    const reason = new Error('enough')
    await expect(evaluator.evaluate(new GoldenEmbedder(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    for (const phase of ['encode', 'score'] as const) {
      const controller = new AbortController()
      const ending = evaluator.evaluate(new GoldenEmbedder(), {
        similarityFnNames: SIMILARITY_FUNCTIONS,
        signal: controller.signal,
        onProgress: (event) => {
          if (event.phase === phase) controller.abort(reason)
        },
      })
      await expect(ending).rejects.toBe(reason)
    }
  })

  it('does not encode what nobody waits for', async () => {
    const embedder = new GoldenEmbedder()
    await evaluator.evaluate(embedder, { signal: AbortSignal.abort() }).catch(() => undefined)
    expect(embedder.calls).toEqual([])
  })

  it('cuts vectors to its own truncateDim, or to that of the call', async () => {
    const embedder = new GoldenEmbedder()
    const own = await evaluator.evaluate(embedder)
    const other = await evaluator.evaluate(embedder, { truncateDim: 4 })
    expect([own.truncateDim, other.truncateDim]).toEqual([8, 4])
    expect(own.metrics).not.toEqual(other.metrics)
    expect(new Set(embedder.calls.map(({ options }) => options.truncateDim))).toEqual(new Set([8, 4]))
  })

  it('gives the same in a table as alone, and encodes each text once', async () => {
    const embedder = new GoldenEmbedder()
    const table = await matryoshkaTable(evaluator, embedder, { dims: [4, 16], similarityFnNames: ['cosine'] })
    const callCount = embedder.calls.length
    for (const [index, truncateDim] of [4, 16].entries()) {
      expect(table[index]).toEqual(await evaluator.evaluate(new GoldenEmbedder(), { truncateDim }))
    }
    const alone = new GoldenEmbedder()
    await evaluator.evaluate(alone)
    expect(callCount).toBe(alone.calls.length)
    expect(embedder.calls.every(({ options }) => options.truncateDim === 16)).toBe(true)
  })

  it('is called by the name of its class', async () => {
    expect((await evaluator.evaluate(new GoldenEmbedder())).evaluator).toBe(name)
  })

  it.each<[string, object | null, typeof TypeError | typeof RangeError, RegExp]>([
    ['an unknown option', { batch_size: 3 }, TypeError, /Cannot evaluate as batch_size is not an option/],
    ['options that are null', null, TypeError, /options must be an object: current value is null/],
    ['a batch of nothing', { batchSize: 0 }, RangeError, /batchSize must be a positive integer: current value is 0/],
    ['a dim of half a component', { truncateDim: 0.5 }, RangeError, /truncateDim .* 0\.5/],
    ['a listener that is none', { onProgress: 'log' }, TypeError, /onProgress must be a function/],
    ['a signal that is none', { signal: {} }, TypeError, /signal must be an AbortSignal/],
    ['an unknown similarity', { similarityFnNames: ['l2'] }, TypeError, /similarityFnNames .* "l2"/],
  ])('refuses %s', async (_, options, type, message) => {
    const call = evaluator.evaluate(new GoldenEmbedder(), options as EvaluateOptions)
    await expect(call).rejects.toThrow(type)
    await expect(call).rejects.toThrow(message)
  })
})

describe('evaluate()', () => {
  it('rejects with what encode() rejects with', async () => {
    const error = new Error('lost')
    const broken = { encode: () => Promise.reject(error) }
    await expect(EVALUATORS[0]?.[1].evaluate(broken)).rejects.toBe(error)
  })

  it.each([
    ['too few rows', { data: new Float32Array(2), count: 1, dim: 2 }, 'current number is 1'],
    ['plain lists', [[1, 2]], 'current number is undefined'],
    ['nothing', undefined, 'current number is undefined'],
  ])('refuses an embedder that gives %s', async (_, rows, message) => {
    const broken = { encode: () => Promise.resolve(rows as never) }
    const call = EVALUATORS[0]?.[1].evaluate(broken)
    await expect(call).rejects.toThrow(TypeError)
    await expect(call).rejects.toThrow(message)
  })

  it('goes on when a listener throws, and reports that to the page', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    try {
      const listen = vi.fn(() => {
        throw new Error('broken listener')
      })
      await EVALUATORS[0]?.[1].evaluate(new GoldenEmbedder(), { onProgress: listen })
      expect(listen).toHaveBeenCalled()
      expect(() => vi.runAllTimers()).toThrow('broken listener')
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('matryoshkaTable()', () => {
  const evaluator = new EmbeddingSimilarityEvaluator({ sentences1, sentences2, scores })

  it('reports progress that never falls and ends at 1', async () => {
    const events: EvaluationProgress[] = []
    const onProgress = (event: EvaluationProgress): number => events.push(event)
    await matryoshkaTable(evaluator, new GoldenEmbedder(), { dims: [16, 8, 4], onProgress })
    expectRise(events)
  })

  it('ends with the reason of an abort between two dims', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const table = matryoshkaTable(evaluator, new GoldenEmbedder(), {
      dims: [16, 8],
      signal: controller.signal,
      onProgress: ({ fraction }) => {
        if (fraction > 0.92) controller.abort(reason)
      },
    })
    await expect(table).rejects.toBe(reason)
  })

  it('encodes for each dim where vectors are quantized, which comes after the cut', async () => {
    const asked: unknown[] = []
    const embedder = {
      encode: (texts: readonly string[], options: { readonly truncateDim?: number | undefined }) => {
        asked.push(options.truncateDim)
        const dim = options.truncateDim ?? 16
        return Promise.resolve({
          data: Int8Array.from({ length: texts.length * dim }, (_, index) => (index * 37) % 101),
          count: texts.length,
          dim,
        })
      },
    }
    const quantized = new EmbeddingSimilarityEvaluator({ sentences1, sentences2, scores, precision: 'int8' })
    const table = await matryoshkaTable(quantized, embedder, { dims: [16, 8] })
    expect(asked).toEqual([16, 8])
    expect(table).toHaveLength(2)
  })

  it('keeps all components where a dim is beyond them, as Python does', async () => {
    const [beyond, whole] = await matryoshkaTable(evaluator, new GoldenEmbedder(), { dims: [768, 16] })
    expect(beyond?.metrics).toEqual(whole?.metrics)
    expect(beyond?.truncateDim).toBe(768)
  })

  it.each<[string, object, typeof TypeError | typeof RangeError, RegExp]>([
    ['no dims', { dims: [] }, RangeError, /dims must not be empty/],
    ['a dim of 0', { dims: [16, 0] }, RangeError, /dims must be a positive integer: current value is 0/],
    ['dims that are a number', { dims: 16 }, TypeError, /dims must be a list: current value is 16/],
    ['an option of evaluate() that it sets itself', { dims: [16], truncateDim: 8 }, TypeError, /truncateDim is not/],
  ])('refuses %s', async (_, options, type, message) => {
    const call = matryoshkaTable(evaluator, new GoldenEmbedder(), options as MatryoshkaTableOptions)
    await expect(call).rejects.toThrow(type)
    await expect(call).rejects.toThrow(message)
  })
})
