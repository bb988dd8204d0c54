import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParaphraseMiningEvaluator, type ParaphraseMiningEvaluatorOptions } from './paraphrase-mining-evaluator.js'

/** The text is the angle in degrees: the nearer, the more similar. */
function compass(): GoldenEmbedder {
  return new GoldenEmbedder((text) => {
    const angle = (Number(text) * Math.PI) / 180
    return Float32Array.of(Math.cos(angle), Math.sin(angle))
  })
}

/** By similarity: a-b (1 degree), c-d (2), b-c (28), a-c (29), b-d (30), a-d (31). */
const SENTENCES = { a: '0', b: '1', c: '29', d: '31' }

async function metricsOf(
  options: Omit<ParaphraseMiningEvaluatorOptions, 'sentencesMap'>,
): Promise<Record<string, number>> {
  return (await new ParaphraseMiningEvaluator({ sentencesMap: SENTENCES, ...options }).evaluate(compass())).metrics
}

const cosine = (degrees: number): number => Math.cos((degrees * Math.PI) / 180)

describe('ParaphraseMiningEvaluator', () => {
  it('finds duplicates among the most similar pairs', async () => {
    const metrics = await metricsOf({
      duplicatesList: [
        ['a', 'b'],
        ['c', 'b'],
      ],
    })
    // Found first and third: precisions 1 and 2/3
    expect(metrics['average_precision']).toBeCloseTo((1 + 2 / 3) / 2, 12)
    expect(metrics).toMatchObject({ precision: 2 / 3, recall: 1 })
    expect(metrics['f1']).toBeCloseTo(0.8, 12)
    expect(metrics['threshold']).toBeCloseTo((cosine(28) + cosine(29)) / 2, 6)
  })

  it('takes a list, a dictionary and both, counts each pair once, and ignores unknown ids and false', async () => {
    const list = [
      ['a', 'b'],
      ['b', 'a'],
      ['a', 'unknown'],
    ] as const
    const once = await metricsOf({ duplicatesList: [['a', 'b']] })
    expect(once).toMatchObject({ average_precision: 1, recall: 1 })
    expect(await metricsOf({ duplicatesList: list })).toEqual(once)
    const dict = { a: { b: true, c: false, unknown: true }, b: { a: true } }
    expect(await metricsOf({ duplicatesDict: dict })).toEqual(once)
    expect(await metricsOf({ duplicatesDict: dict, duplicatesList: list })).toEqual(once)
  })

  it('is from 0 to 1, however often and in whichever order pairs are named', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'unknown')
    const limits = fc.record({ maxPairs: fc.integer({ min: 1, max: 8 }), topK: fc.integer({ min: 1, max: 4 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(id, id)), limits, async (duplicatesList, limit) => {
        const { threshold, ...shares } = await metricsOf({ duplicatesList, ...limit })
        expect(threshold).toBeLessThanOrEqual(1)
        for (const share of Object.values(shares)) {
          expect(share).toBeGreaterThanOrEqual(0)
          expect(share).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('closes the graph of duplicates where asked, by way of unknown ids too', async () => {
    const chain = { a: { unknown: true }, unknown: { b: true } }
    expect(await metricsOf({ duplicatesDict: chain })).toMatchObject({ average_precision: 0 })
    expect(await metricsOf({ duplicatesDict: chain, addTransitiveClosure: true })).toMatchObject({
      average_precision: 1,
    })
    const options = { sentencesMap: SENTENCES, duplicatesDict: chain, addTransitiveClosure: true }
    const evaluator = new ParaphraseMiningEvaluator(options)
    const first = await evaluator.evaluate(compass())
    expect(await evaluator.evaluate(compass())).toEqual(first)
  })

  it('looks at no more pairs than it may, the best ones', async () => {
    const duplicatesList = [['c', 'b']] as const
    expect(await metricsOf({ duplicatesList, maxPairs: 2 })).toMatchObject({ recall: 0, threshold: 0 })
    expect(await metricsOf({ duplicatesList, maxPairs: 3 })).toMatchObject({ recall: 1, precision: 1 / 3 })
    // Each sentence brings its nearest alone: a-b and c-d.
    expect(await metricsOf({ duplicatesList, topK: 1 })).toMatchObject({ recall: 0 })
    expect(await metricsOf({ duplicatesList, topK: 2 })).toMatchObject({ recall: 1 })
  })

  it('is 0 without duplicates and with one sentence, as in Python', async () => {
    const zeros = { average_precision: 0, f1: 0, precision: 0, recall: 0, threshold: 0 }
    expect(await metricsOf({})).toEqual(zeros)
    const one = new ParaphraseMiningEvaluator({ sentencesMap: new Map([['a', '0']]), duplicatesList: [['a', 'a']] })
    expect((await one.evaluate(compass())).metrics).toEqual(zeros)
  })

  it('counts pairs of equal score together', async () => {
    // Three equal sentences: one score, precision 1/3 whatever the order is.
    const sentencesMap = { a: '5', b: '5', c: '5' }
    const evaluator = new ParaphraseMiningEvaluator({ sentencesMap, duplicatesList: [['b', 'c']] })
    const { metrics } = await evaluator.evaluate(compass())
    expect(metrics['average_precision']).toBeCloseTo(1 / 3, 12)
  })

  it.each<[string, object, typeof TypeError | typeof RangeError, RegExp]>([
    ['no sentences', { sentencesMap: {} }, RangeError, /sentencesMap must not be empty/],
    ['pairs that are none', { duplicatesList: [['a']] }, TypeError, /pairs of ids: current value is a/],
    ['ids that are numbers', { duplicatesList: [[1, 2]] }, TypeError, /pairs of ids: current value is a list of 2/],
    ['a list that is none', { duplicatesList: 5 }, TypeError, /duplicatesList must be a list: current value is 5/],
    [
      'a dictionary that is none',
      { duplicatesDict: { a: 'b' } },
      TypeError,
      /duplicatesDict must be a Map or an object/,
    ],
    ['no pairs to look at', { maxPairs: 0 }, RangeError, /maxPairs .* 0/],
    ['an unknown option', { top_k: 3 }, TypeError, /top_k is not an option/],
  ])('refuses %s', (_, change, type, message) => {
    const make = (): unknown => new ParaphraseMiningEvaluator({ sentencesMap: SENTENCES, ...change })
    expect(make).toThrow(type)
    expect(make).toThrow(message)
  })
})
