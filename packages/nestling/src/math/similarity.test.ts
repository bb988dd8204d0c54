import { readFileSync } from 'node:fs'
import { decodeFloats, worstError } from '@nestling/testing'
import { fixturePath } from '@nestling/testing/disk'
import { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { finish } from '@nestling/testing/finish'
import { describe, expect, it } from 'vitest'
import { Matrix, type Shape } from './matrix.js'
import { similarityPairwiseSteps, similaritySteps } from './similarity.js'

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
  it('stops about every 50,000 multiplications, so that a page can breathe', () => {
    const rows = new Matrix(new Float32Array(1000 * 100).fill(1), [1000, 100])
    const row = new Matrix(new Float32Array(100).fill(1), [100])
    expect(finish(similaritySteps('dot', rows, row)).stops).toBe(2)
    expect(finish(similaritySteps('dot', new Matrix(rows.data.slice(0, 10_000), [100, 100]), rows)).stops).toBe(200)
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

describe('similaritySteps() on lower precisions', () => {
  // Worked by hand: (1, -2) and (3, 4); -5 / (√5 · 5), -5, -√(4 + 36), -(2 + 6)
  const SCORES = { cosine: -5 / (Math.sqrt(5) * 5), dot: -5, euclidean: -Math.sqrt(40), manhattan: -8 }

  it.each(SIMILARITY_FUNCTIONS)('takes int8 as the numbers they are: %s', (name) => {
    const a = new Matrix(Int8Array.of(0, 0, 1, -2), [2, 2], 'int8')
    const b = new Matrix(Int8Array.of(9, 9, 3, 4), [2, 2], 'int8')
    const { result } = finish(similaritySteps(name, a, b))
    expect(result.precision).toBe('float32')
    expect(result.row(1)[1]).toBe(Math.fround(SCORES[name]))
    expect(finish(similarityPairwiseSteps(name, a, b)).result.data[1]).toBe(Math.fround(SCORES[name]))
  })

  it('does not overflow: 127 * 127 + 127 * 127, and 255 * 255 in uint8', () => {
    const signed = new Matrix(Int8Array.of(127, 127), [1, 2], 'int8')
    expect(finish(similaritySteps('dot', signed, signed)).result.data[0]).toBe(32_258)
    const unsigned = new Matrix(Uint8Array.of(255), [1, 1], 'uint8')
    expect(finish(similaritySteps('dot', unsigned, unsigned)).result.data[0]).toBe(65_025)
  })

  it.each(SIMILARITY_FUNCTIONS)('gives the negative Hamming distance of packed bits, model function %s', (name) => {
    // 1010 1100 0000 0000 against itself, its opposite, and 0010 1100 0000 0001
    const a = new Matrix(Uint8Array.of(0xac, 0), [1, 2], 'ubinary')
    const b = new Matrix(Uint8Array.of(0xac, 0, 0x53, 0xff, 0x2c, 0x01), [3, 2], 'ubinary')
    expect(finish(similaritySteps(name, a, b)).result.data).toEqual(Float32Array.of(0, -16, -2))
    const signed = (matrix: Matrix<Shape, 'ubinary'>): Matrix<Shape, 'binary'> =>
      new Matrix(
        Int8Array.from(matrix.data, (byte) => byte - 128),
        matrix.shape,
        'binary',
      )
    expect(finish(similaritySteps(name, signed(a), signed(b))).result.data).toEqual(Float32Array.of(0, -16, -2))
    const first = new Matrix(b.data.slice(2, 4), [1, 2], 'ubinary')
    expect(finish(similarityPairwiseSteps(name, a, first)).result.data).toEqual(Float32Array.of(-16))
  })

  it('refuses two precisions and names both, before it looks at dims', () => {
    const floats = new Matrix(new Float32Array(16), [16])
    const bits = new Matrix(new Int8Array(2), [2], 'binary')
    expect(() => finish(similaritySteps('dot', floats, bits))).toThrow(TypeError)
    expect(() => finish(similarityPairwiseSteps('dot', bits, floats))).toThrow(/are binary and float32/)
    const unsigned = new Matrix(new Uint8Array(2), [2], 'ubinary')
    expect(() => finish(similaritySteps('dot', unsigned, bits))).toThrow(/are ubinary and binary/)
  })

  it('names components, not bytes, where dims of packed bits differ', () => {
    const bits = (bytes: number): Matrix<Shape, 'binary'> => new Matrix(new Int8Array(bytes), [bytes], 'binary')
    expect(() => finish(similaritySteps('dot', bits(2), bits(3)))).toThrow(/are 16 and 24\nTruncate .* to 16/)
  })
})
