import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import { describe, expect, it } from 'vitest'
import type { EvaluableEmbedder, EvaluationEncodeOptions } from '../run/evaluable-embedder.js'
import { EmbeddingSimilarityEvaluator } from './embedding-similarity-evaluator.js'

/** Vectors of two components by text. */
const VECTORS: Readonly<Record<string, readonly number[]>> = {
  east: [1, 0],
  'far east': [2, 0],
  north: [0, 1],
  'north-east': [1, 1],
  west: [-1, 0],
}

function embedder(): GoldenEmbedder {
  return new GoldenEmbedder((text) => Float32Array.from(VECTORS[text] ?? []))
}

const OPTIONS = {
  sentences1: ['east', 'east', 'east'],
  sentences2: ['far east', 'north', 'west'],
  scores: [5, 2, 0],
}

describe('EmbeddingSimilarityEvaluator', () => {
  it('puts its name before everything', async () => {
    const evaluator = new EmbeddingSimilarityEvaluator({ ...OPTIONS, name: 'sts-dev', truncateDim: 2 })
    const evaluation = await evaluator.evaluate(embedder())
    expect(evaluation).toEqual({
      evaluator: 'EmbeddingSimilarityEvaluator',
      name: 'sts-dev',
      truncateDim: 2,
      primaryMetric: 'sts-dev_spearman_cosine',
      metrics: {
        // Cosines 1, 0, -1 and scores 5, 2, 0: covariance 5, squares 2 and 38/3
        'sts-dev_pearson_cosine': expect.closeTo(5 / Math.sqrt((2 * 38) / 3), 12) as number,
        'sts-dev_spearman_cosine': expect.closeTo(1, 12) as number,
      },
    })
  })

  it('takes the main similarity alone unless others are named', async () => {
    const alone = await new EmbeddingSimilarityEvaluator({ ...OPTIONS, mainSimilarity: 'dot' }).evaluate(embedder())
    expect(Object.keys(alone.metrics)).toEqual(['pearson_dot', 'spearman_dot'])
    expect(alone.primaryMetric).toBe('spearman_dot')
    const both = new EmbeddingSimilarityEvaluator({
      ...OPTIONS,
      mainSimilarity: 'dot',
      similarityFnNames: ['cosine', 'dot', 'cosine'],
    })
    const { metrics, primaryMetric } = await both.evaluate(embedder())
    expect(Object.keys(metrics)).toHaveLength(6)
    expect(primaryMetric).toBe('spearman_dot')
  })

  it("compares with the embedder's own function, else with the cosine", async () => {
    const { encode } = embedder()
    const evaluator = new EmbeddingSimilarityEvaluator(OPTIONS)
    expect((await evaluator.evaluate({ encode })).primaryMetric).toBe('spearman_cosine')
    expect((await evaluator.evaluate({ encode, similarityFunction: 'manhattan' })).primaryMetric).toBe(
      'spearman_manhattan',
    )
    const asked = await evaluator.evaluate({ encode }, { similarityFnNames: ['euclidean'] })
    expect(asked.primaryMetric).toBe('spearman_euclidean')
  })

  it('shares ranks where similarities are equal, as scipy does', async () => {
    const options = {
      sentences1: ['east', 'east', 'east'],
      sentences2: ['far east', 'east', 'north'],
      scores: [3, 2, 1],
    }
    const { metrics } = await new EmbeddingSimilarityEvaluator(options).evaluate(embedder())
    // Ranks 2.5, 2.5, 1 and 3, 2, 1: 1.5 / sqrt(1.5 * 2)
    expect(metrics['spearman_cosine']).toBeCloseTo(1.5 / Math.sqrt(3), 12)
  })

  it('gives NaN where all scores are equal, as scipy does', async () => {
    const { metrics } = await new EmbeddingSimilarityEvaluator({ ...OPTIONS, scores: [1, 1, 1] }).evaluate(embedder())
    expect(metrics).toEqual({ pearson_cosine: NaN, spearman_cosine: NaN })
  })

  it('gives a vector of zeros the cosine 0', async () => {
    const zero = new GoldenEmbedder((text) => (text === 'zero' ? new Float32Array(2) : Float32Array.of(3, 4)))
    const options = { sentences1: ['a', 'a'], sentences2: ['zero', 'b'], scores: [0, 1] }
    const { metrics } = await new EmbeddingSimilarityEvaluator(options).evaluate(zero)
    expect(metrics['pearson_cosine']).toBeCloseTo(1, 12)
  })
})

describe('EmbeddingSimilarityEvaluator with a precision', () => {
  /** Answers as `encode` does in that precision. */
  function quantized(rows: readonly number[], Type: Int8ArrayConstructor | Uint8ArrayConstructor, dim: number) {
    const asked: EvaluationEncodeOptions[] = []
    const fake: EvaluableEmbedder = {
      encode: (texts, options) => {
        asked.push(options)
        return Promise.resolve({ data: new Type(rows), count: texts.length, dim })
      },
    }
    return { fake, asked }
  }

  it('asks for scaled vectors of both sides together, and counts integers as numbers', async () => {
    // Pairs (1, -2)·(3, 4) = -5 and (100, 100)·(100, 1) = 10,100, which would overflow 8 bits.
    const { fake, asked } = quantized([1, -2, 100, 100, 3, 4, 100, 1], Int8Array, 2)
    const options = { sentences1: ['a', 'b'], sentences2: ['c', 'd'], scores: [0, 1], precision: 'int8' } as const
    const { metrics } = await new EmbeddingSimilarityEvaluator({ ...options, mainSimilarity: 'dot' }).evaluate(fake)
    expect(metrics['pearson_dot']).toBeCloseTo(1, 12)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ precision: 'int8', normalize: true })
  })

  it.each([
    ['ubinary', Uint8Array, 0],
    ['binary', Int8Array, 128],
  ] as const)('unpacks the bits of %s', async (precision, Type, offset) => {
    // Bits in common: 10110000 & 10100000 have 2, 11111111 & 11110000 have 4, 1 & 1 has 1.
    const bytes = [0b10110000, 0b11111111, 1, 0b10100000, 0b11110000, 1].map((byte) => byte - offset)
    const { fake } = quantized(bytes, Type, 1)
    const options = { sentences1: ['a', 'b', 'c'], sentences2: ['d', 'e', 'f'], scores: [2, 4, 1], precision }
    const { metrics } = await new EmbeddingSimilarityEvaluator({ ...options, mainSimilarity: 'dot' }).evaluate(fake)
    expect(metrics['pearson_dot']).toBeCloseTo(1, 12)
    // Bits that differ: 1, 4, 0; the scores 2, 4, 1 fall with minus that.
    const manhattan = await new EmbeddingSimilarityEvaluator({ ...options, mainSimilarity: 'manhattan' }).evaluate(fake)
    expect(manhattan.metrics['spearman_manhattan']).toBeCloseTo(-1, 12)
  })

  it('asks for nothing of the kind without one', async () => {
    const fake = embedder()
    await new EmbeddingSimilarityEvaluator(OPTIONS).evaluate(fake)
    expect(fake.calls[0]?.options).not.toHaveProperty('normalize')
    expect(fake.calls[0]?.options).not.toHaveProperty('precision')
  })
})

describe('new EmbeddingSimilarityEvaluator()', () => {
  it.each<[string, object, typeof TypeError | typeof RangeError, RegExp]>([
    ['an unknown option', { sentence1: [] }, TypeError, /sentence1 is not an option: the options are sentences1/],
    ['lists of other lengths', { scores: [1, 2] }, RangeError, /must be of one length: current lengths are 3, 3, 2/],
    ['no pairs', { sentences1: [] }, RangeError, /sentences1 must not be empty: current length is 0/],
    ['one pair', { sentences1: ['a'], sentences2: ['b'], scores: [1] }, RangeError, /two pairs: current number is 1/],
    ['a sentence that is none', { sentences1: ['a', 5, 'b'] }, TypeError, /strings: current value at index 1 is 5/],
    ['a text for a list', { sentences1: 'abc' }, TypeError, /sentences1 must be a list: current value is "abc"/],
    ['a score that is none', { scores: ['1', '2', '3'] }, TypeError, /numbers: current value at index 0 is "1"/],
    ['an unknown similarity', { mainSimilarity: 'cos' }, TypeError, /one of cosine, dot, .*: current value is "cos"/],
    ['an unknown one in a list', { similarityFnNames: ['l2'] }, TypeError, /similarityFnNames .* "l2"/],
    ['no list of them', { similarityFnNames: 'dot' }, TypeError, /similarityFnNames must be a list/],
    ['an unknown precision', { precision: 'int4' }, TypeError, /precision .* "int4"/],
    ['a dim of 0', { truncateDim: 0 }, RangeError, /truncateDim must be a positive integer: current value is 0/],
    ['a name that is none', { name: 5 }, TypeError, /name must be a string: current value is 5/],
  ])('refuses %s', (_, change, type, message) => {
    const make = (): unknown => new EmbeddingSimilarityEvaluator({ ...OPTIONS, ...change })
    expect(make).toThrow(type)
    expect(make).toThrow(message)
    expect(make).toThrow(/^Cannot make an EmbeddingSimilarityEvaluator as /)
  })
})
