import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import { reactive } from '@vue/reactivity'
import { describe, expect, it } from 'vitest'
import { BinaryClassificationEvaluator } from './binary-classification-evaluator.js'
import { TripletEvaluator } from './triplet-evaluator.js'

/** A text is a number, its vector that number. */
function line(): GoldenEmbedder {
  return new GoldenEmbedder((text) => Float32Array.of(Number(text), 0))
}

const TRIPLETS = { anchors: ['0', '0', '0'], positives: ['1', '2', '3'], negatives: ['3', '2', '1'] }

describe('TripletEvaluator', () => {
  it("works in Vue's reactive state, with options from there", async () => {
    const { evaluator } = reactive({ evaluator: new TripletEvaluator(reactive({ ...TRIPLETS })) })
    expect((await evaluator.evaluate(line())).metrics).toHaveProperty('cosine_accuracy')
  })

  it('counts a tie as wrong, as Python does', async () => {
    const evaluator = new TripletEvaluator({ ...TRIPLETS, mainSimilarityFunction: 'euclidean', name: 'nli' })
    const { metrics, primaryMetric } = await evaluator.evaluate(line())
    expect(metrics).toEqual({ nli_euclidean_accuracy: 1 / 3 })
    expect(primaryMetric).toBe('nli_euclidean_accuracy')
  })

  it.each([
    [1.5, 1 / 3],
    [2, 0],
    [-3, 1],
    [{ manhattan: 2 }, 0],
    [{ cosine: 2 }, 1 / 3],
  ] as const)('wants the margin %j', async (margin, accuracy) => {
    const evaluator = new TripletEvaluator({ ...TRIPLETS, margin, similarityFnNames: ['manhattan'] })
    expect((await evaluator.evaluate(line())).metrics).toEqual({ manhattan_accuracy: accuracy })
  })

  it('encodes anchors as queries, the others as documents', async () => {
    const embedder = line()
    await new TripletEvaluator(TRIPLETS).evaluate(embedder)
    expect(embedder.calls.map(({ method, texts }) => [method, texts.length])).toEqual([
      ['encodeQuery', 3],
      ['encodeDocument', 6],
    ])
  })

  it.each<[string, object, typeof TypeError | typeof RangeError, RegExp]>([
    ['lists of other lengths', { anchors: ['0'] }, RangeError, /anchors, positives, negatives .* 1, 3, 3/],
    ['no triplets', { anchors: [], positives: [], negatives: [] }, RangeError, /anchors must not be empty/],
    ['a margin of an unknown function', { margin: { l2: 1 } }, TypeError, /l2 is not an option/],
    ['a margin that is a text', { margin: '1' }, TypeError, /margin must be a number or an object/],
    [
      'a margin in it that is a text',
      { margin: { dot: '1' } },
      TypeError,
      /margin must be a number: current value is "1"/,
    ],
  ])('refuses %s', (_, change, type, message) => {
    const make = (): unknown => new TripletEvaluator({ ...TRIPLETS, ...change })
    expect(make).toThrow(type)
    expect(make).toThrow(message)
  })
})

const PAIRS = { sentences1: ['0', '0', '0', '0'], sentences2: ['1', '2', '4', '8'], labels: [1, 1, 0, 0] }

describe('BinaryClassificationEvaluator', () => {
  it('has thresholds of distances as distances', async () => {
    const evaluator = new BinaryClassificationEvaluator({ ...PAIRS, similarityFnNames: ['euclidean'], name: 'pairs' })
    const { metrics, primaryMetric } = await evaluator.evaluate(line())
    expect(metrics).toEqual({
      pairs_euclidean_accuracy: 1,
      pairs_euclidean_accuracy_threshold: 3,
      pairs_euclidean_f1: 1,
      pairs_euclidean_f1_threshold: 3,
      pairs_euclidean_precision: 1,
      pairs_euclidean_recall: 1,
      pairs_euclidean_ap: 1,
      pairs_euclidean_mcc: 1,
    })
    expect(primaryMetric).toBe('pairs_euclidean_ap')
  })

  it('answers where no pair is similar, as Python does', async () => {
    const options = { ...PAIRS, labels: [0, 0, 0, 0], similarityFnNames: ['manhattan'] as const }
    const { metrics } = await new BinaryClassificationEvaluator(options).evaluate(line())
    expect(metrics).toMatchObject({ manhattan_accuracy: 1, manhattan_f1: 0, manhattan_ap: 0, manhattan_mcc: 0 })
    expect(metrics['manhattan_accuracy_threshold']).toBe(1 - 2 ** -24)
  })

  it.each<[string, object, typeof TypeError | typeof RangeError, RegExp]>([
    ['a label that is none', { labels: [1, 1, 0, 2] }, RangeError, /labels must be 0 or 1: current value is 2/],
    ['a label that is true', { labels: [true, 1, 0, 0] }, TypeError, /labels .* index 0 is true/],
    ['lists of other lengths', { labels: [1] }, RangeError, /current lengths are 4, 4, 1/],
    ['no pairs', { labels: [] }, RangeError, /labels must not be empty/],
  ])('refuses %s', (_, change, type, message) => {
    const make = (): unknown => new BinaryClassificationEvaluator({ ...PAIRS, ...change })
    expect(make).toThrow(type)
    expect(make).toThrow(message)
  })
})
