import { describe, expect, it } from 'vitest'
import { Embeddings } from './embeddings.js'
import { Matrix } from './matrix.js'

const space = { id: 'a', model: 'A' }
const embeddings = new Embeddings(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], space)

describe('Matrix', () => {
  it('gives rows as views and walks through them', () => {
    expect(Array.from(embeddings.row(1))).toEqual([4, 5, 6])
    expect([...embeddings].map((row) => row[0])).toEqual([1, 4])
    expect(embeddings.row(0).buffer).toBe(embeddings.data.buffer)
  })

  it('refuses a shape that does not fit and a row that is not there', () => {
    expect(() => new Matrix(new Float32Array(5), [2, 3])).toThrow(/needs 6 values: current length is 5/)
    for (const index of [-1, 2, 0.5, NaN]) expect(() => embeddings.row(index)).toThrow(RangeError)
  })

  it('can have no rows', () => {
    const empty = new Matrix(new Float32Array(0), [0, 3])
    expect([...empty]).toEqual([])
    expect(() => empty.row(0)).toThrow(RangeError)
  })
})

describe('Embeddings', () => {
  it('truncate() keeps the first components and does not rescale', () => {
    const cut = embeddings.truncate(2)
    expect(cut.shape).toEqual([2, 2])
    expect(Array.from(cut.data)).toEqual([1, 2, 4, 5])
    expect(cut.space).toBe(space)
    expect(Array.from(embeddings.data)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('truncate() beyond the length keeps all, as slicing in Python', () => {
    expect(embeddings.truncate(99).shape).toEqual([2, 3])
  })

  it('truncate() keeps the shape of a single vector', () => {
    expect(new Embeddings(Float32Array.of(1, 2), [2], space).truncate(1).shape).toEqual([1])
  })

  it('truncate() refuses what is not a positive integer', () => {
    for (const dim of [0, -1, 1.5, NaN]) expect(() => embeddings.truncate(dim)).toThrow(RangeError)
  })

  it('survives a structured clone: from() gives the methods back', () => {
    const revived = Embeddings.from(structuredClone(embeddings))
    expect(revived).toEqual(embeddings)
    expect(Array.from(revived.row(1))).toEqual([4, 5, 6])
  })
})
