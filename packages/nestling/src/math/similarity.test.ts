import { readFileSync } from 'node:fs'
import { decodeFloats, worstError } from '@nestling/testing'
import { fixturePath } from '@nestling/testing/disk'
import { describe, expect, it } from 'vitest'
import { Matrix } from './matrix.js'
import {
  SIMILARITY_FUNCTIONS,
  similarityPairwiseSteps,
  similaritySteps,
  type SimilarityFunction,
} from './similarity.js'

interface Algorithms {
  readonly vectors: Record<'corpus' | 'queries', { readonly float32: string }>
  readonly similarity: Record<SimilarityFunction, string>
  readonly similarityPairwise: Record<SimilarityFunction, string>
}

const golden = JSON.parse(readFileSync(fixturePath('..', 'algorithms.json'), 'utf8')) as Algorithms
const DIM = 16
const queries = new Matrix(decodeFloats(golden.vectors.queries.float32), [9, DIM])
// Row 20 is a zero vector: Python clamps its norm.
const corpus = new Matrix(decodeFloats(golden.vectors.corpus.float32), [60, DIM])

/** Runs steps to their end and counts the stops. */
function finish<T>(steps: Generator<undefined, T, undefined>): { result: T; stops: number } {
  for (let stops = 0; ; stops++) {
    const step = steps.next()
    if (step.done === true) return { result: step.value, stops }
  }
}

describe.each(SIMILARITY_FUNCTIONS)('%s', (name) => {
  it('similaritySteps() gives what Python gives, a zero vector included', () => {
    const { result } = finish(similaritySteps(name, queries, corpus))
    expect(result.shape).toEqual([9, 60])
    expect(worstError(result.data, decodeFloats(golden.similarity[name]), 60)).toBeLessThan(2e-6)
  })

  it('similarityPairwiseSteps() gives what Python gives', () => {
    const first = new Matrix(corpus.data.slice(0, 9 * DIM), [9, DIM])
    const { result } = finish(similarityPairwiseSteps(name, queries, first))
    expect(result.shape).toEqual([9])
    expect(worstError(result.data, decodeFloats(golden.similarityPairwise[name]), 9)).toBeLessThan(2e-6)
  })
})

describe('similaritySteps()', () => {
  it('stops about every half million multiplications, so that a page can breathe', () => {
    const rows = new Matrix(new Float32Array(1000 * 100).fill(1), [1000, 100])
    const row = new Matrix(new Float32Array(100).fill(1), [100])
    expect(finish(similaritySteps('dot', rows, row)).stops).toBe(0)
    expect(finish(similaritySteps('dot', new Matrix(rows.data.slice(0, 10_000), [100, 100]), rows)).stops).toBe(20)
  })

  it('takes a single vector as one row', () => {
    const vector = new Matrix(Float32Array.of(3, 4), [2])
    const { result } = finish(similaritySteps('cosine', vector, new Matrix(Float32Array.of(4, 3, 0, 2), [2, 2])))
    expect(result.shape).toEqual([1, 2])
    // (3*4 + 4*3) / 25 and 8 / (5 * 2)
    expect(Array.from(result.data)).toEqual([Math.fround(24 / 25), Math.fround(8 / 10)])
  })

  it('refuses rows of different length and pairs of different number', () => {
    const two = new Matrix(new Float32Array(4), [2, 2])
    const three = new Matrix(new Float32Array(6), [2, 3])
    expect(() => finish(similaritySteps('dot', two, three))).toThrow(RangeError)
    const one = new Matrix(new Float32Array(2), [1, 2])
    expect(() => finish(similarityPairwiseSteps('dot', two, one))).toThrow(RangeError)
  })
})
