import { describe, expect, it } from 'vitest'
import { Embeddings } from '../../math/embeddings.js'
import { ARRAY_OF, PRECISIONS } from '../../math/precision.js'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { toComparable } from './comparable.js'
import type { AnyEmbeddings } from '../embedder.js'

const space = { id: 'a', model: 'A' }

describe('toComparable()', () => {
  it.each(PRECISIONS)('takes %s, and gives a clone its methods back', (precision) => {
    const embeddings = new Embeddings(new ARRAY_OF[precision](4).fill(1), [2, 2], space, precision)
    const [left, right] = toComparable(embeddings, structuredClone(embeddings))
    expect(left).toBe(embeddings)
    expect(right).toBeInstanceOf(Embeddings)
    expect(right).toEqual(embeddings)
  })

  it('takes a clone without precision as float32', () => {
    const clone = { data: Float32Array.of(1), shape: [1], space } as unknown as AnyEmbeddings
    expect(toComparable(clone, clone)[0].precision).toBe('float32')
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['a typed array', new Float32Array(2)],
    ['an array that its precision has not', { data: new Int8Array(1), shape: [1], space, precision: 'uint8' }],
    ['integers without precision', { data: new Int8Array(1), shape: [1], space }],
    ['a precision that is none', { data: new Int8Array(1), shape: [1], space, precision: 'toString' }],
    ['no space', { data: new Float32Array(1), shape: [1], precision: 'float32' }],
  ])('refuses %s', (_, value) => {
    const embeddings = new Embeddings(new Float32Array(1), [1], space)
    expect(() => toComparable(embeddings, value as AnyEmbeddings)).toThrow(TypeError)
    expect(() => toComparable(embeddings, value as AnyEmbeddings)).toThrow(
      /Cannot compare embeddings as b must be what/,
    )
  })

  it('refuses two models', () => {
    const bits = (id: string): AnyEmbeddings =>
      new Embeddings(new Int8Array(1), [1], { id: `id of ${id}`, model: id }, 'binary')
    let caught: unknown
    try {
      toComparable(bits('x'), bits('y'))
    } catch (error) {
      caught = error
    }
    expect(isEmbedderError(caught, 'space-mismatch') && caught.details).toEqual({ a: 'id of x', b: 'id of y' })
    expect((caught as Error).message).toMatch(/x \(id of x\) and y \(id of y\)/)
  })

  it('compares vectors from elsewhere with any, and with those of their space alone where they say it', () => {
    const embeddings = new Embeddings(Float32Array.of(1, 0), [1, 2], space)
    const [left, right] = toComparable(embeddings, Embeddings.from([[1, 0]]))
    expect([left.space.id, right.space.id]).toEqual(['a', ''])
    expect(() => toComparable(Embeddings.from([1, 0]), Embeddings.from([1, 0], space))).not.toThrow()
    expect(() => toComparable(structuredClone(Embeddings.from([1, 0])), embeddings)).not.toThrow()
    const other = Embeddings.from([[1, 0]], { id: 'b', model: 'B' })
    expect(() => toComparable(embeddings, other)).toThrow(/from the same model: current spaces are A \(a\) and B \(b\)/)
  })

  it.each([
    ['typed arrays', [Float32Array.of(1, 0)]],
    ['lists of numbers', [[1, 0]]],
    ['one vector', Float32Array.of(1, 0)],
    ['a million numbers', Array.from({ length: 1000 }, () => new Float32Array(1000))],
  ])('says what to do with %s', (_, rows) => {
    const embeddings = new Embeddings(Float32Array.of(1, 0), [1, 2], space)
    const compare = (): unknown => toComparable(rows as unknown as AnyEmbeddings, embeddings)
    expect(compare).toThrow(TypeError)
    expect(compare).toThrow(
      /^Cannot compare embeddings as a must be .*: current value is rows of plain numbers\nMake .*Embeddings\.from\(rows\)$/,
    )
  })
})
