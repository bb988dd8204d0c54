import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { finishSteps } from '@nestling/kit/calls/run-steps'
import { averagePrecision } from './average-precision.js'
import { matthewsCorrcoef } from './matthews-corrcoef.js'
import { pearson } from './pearson.js'
import { rankDataSteps } from './rank-data.js'
import { spearman } from './spearman.js'

interface ScipyNumbers {
  readonly ranks: { readonly values: readonly number[]; readonly ranks: readonly number[] }
  readonly correlations: readonly {
    readonly name: string
    readonly x: readonly number[]
    readonly y: readonly number[]
    readonly pearson: number | null
    readonly spearman: number | null
  }[]
  readonly classifications: readonly {
    readonly name: string
    readonly labels: readonly number[]
    readonly scores: readonly number[]
    readonly averagePrecision: number
    readonly predictions: readonly number[]
    readonly matthewsCorrcoef: number
  }[]
}

const FILE = join(import.meta.dirname, '../../../testing/fixtures/evaluate/scipy.json')
const scipy = JSON.parse(readFileSync(FILE, 'utf8')) as ScipyNumbers

/** scipy's NaN is null in the file. */
function expectNear(actual: number, expected: number | null): void {
  if (expected === null) expect(actual).toBeNaN()
  else expect(Math.abs(actual - expected)).toBeLessThan(1e-9)
}

describe.each(scipy.correlations)('$name', ({ x, y, ...expected }) => {
  it('pearson() equals scipy', () => {
    expectNear(pearson(x, y), expected.pearson)
    expectNear(pearson(y, x), expected.pearson)
  })

  it('spearman() equals scipy', () => {
    expectNear(spearman(x, y), expected.spearman)
    expectNear(spearman(y, x), expected.spearman)
  })
})

describe('correlations', () => {
  it('rank equal numbers as scipy.stats.rankdata does', () => {
    expect(Array.from(finishSteps(rankDataSteps(scipy.ranks.values)))).toEqual(scipy.ranks.ranks)
  })

  it('are NaN where a value is NaN, as in scipy', () => {
    expect(pearson([1, NaN, 2], [1, 2, 3])).toBeNaN()
    expect(spearman([1, NaN, 2], [1, 2, 3])).toBeNaN()
    expect(spearman([1, 2, 3], [1, 2, NaN])).toBeNaN()
  })

  it('take infinity as scipy does: no mean, but a rank', () => {
    expect(pearson([1, Infinity, 2], [1, 2, 3])).toBeNaN()
    // Ranks 1, 3, 2 and 1, 2, 3: 1 - 6 * 2 / (3 * 8)
    expect(spearman([1, Infinity, 2], [1, 2, 3])).toBeCloseTo(0.5, 12)
    expect(spearman([Infinity, Infinity, 2], [2, 2, 1])).toBeCloseTo(1, 12)
  })

  it('refuse what scipy refuses', () => {
    expect(() => pearson([1, 2], [1, 2, 3])).toThrow(RangeError)
    expect(() => pearson([1, 2], [1, 2, 3])).toThrow(/of one length: current lengths are 2 and 3/)
    expect(() => spearman([1, 2], [1])).toThrow(RangeError)
    expect(() => pearson([1], [1])).toThrow(/at least two numbers: current length is 1/)
    expect(() => pearson([], [])).toThrow(RangeError)
    expect(spearman([1], [2])).toBeNaN()
  })
})

describe.each(scipy.classifications)('$name', ({ labels, scores, predictions, ...expected }) => {
  it('averagePrecision() equals scikit-learn', () => {
    expectNear(averagePrecision(labels, scores), expected.averagePrecision)
  })

  it('matthewsCorrcoef() equals scikit-learn', () => {
    expectNear(matthewsCorrcoef(labels, predictions), expected.matthewsCorrcoef)
  })
})

describe('averagePrecision()', () => {
  it('refuses other labels and other lengths', () => {
    expect(() => averagePrecision([1, 2], [0.1, 0.2])).toThrow(/labels must be 0 or 1: current value is 2/)
    expect(() => averagePrecision([1], [0.1, 0.2])).toThrow(RangeError)
    expect(() => matthewsCorrcoef([1], [])).toThrow(RangeError)
  })
})
