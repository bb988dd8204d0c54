import { describe, expect, expectTypeOf, it } from 'vitest'
import { Embeddings } from './embeddings.js'
import { Matrix } from './matrix.js'
import { ARRAY_OF, PRECISIONS } from './precision.js'

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

  it('refuses an array that its precision has not', () => {
    const wrong = new Int8Array(6) as unknown as Float32Array
    expect(() => new Matrix(wrong, [2, 3])).toThrow(TypeError)
    expect(() => new Matrix(wrong, [2, 3])).toThrow(/of float32 .* Float32Array: current value is \[object Int8Array\]/)
    expect(new Matrix(new Int8Array(6), [2, 3], 'int8').row(1)).toBeInstanceOf(Int8Array)
  })

  it('can have no rows', () => {
    const empty = new Matrix(new Float32Array(0), [0, 3])
    expect([...empty]).toEqual([])
    expect(() => empty.row(0)).toThrow(RangeError)
  })
})

describe('Embeddings', () => {
  it('means float32 where no precision is named', () => {
    expectTypeOf<Embeddings['precision']>().toEqualTypeOf<'float32'>()
    expectTypeOf<Embeddings['data']>().toEqualTypeOf<Float32Array>()
    expectTypeOf(embeddings).toExtend<Embeddings>()
    expectTypeOf(embeddings.truncate(1)).toEqualTypeOf(embeddings)
    // Only with its precision: int8 and binary are the same array.
    // @ts-expect-error Int8Array without one
    expect(() => new Embeddings(new Int8Array(1), [1], space)).toThrow(TypeError)
    expect(embeddings.precision).toBe('float32')
  })

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

  it.each(PRECISIONS)('survives a structured clone in %s', (precision) => {
    const own = new Embeddings(new ARRAY_OF[precision](6).fill(3), [2, 3], space, precision)
    const revived = Embeddings.from(structuredClone(own))
    expect(revived).toEqual(own)
    expect(revived.row(1)).toBeInstanceOf(ARRAY_OF[precision])
  })

  it('from() takes what has no precision as float32, and refuses what is none', () => {
    expect(Embeddings.from({ data: Float32Array.of(1), shape: [1], space }).precision).toBe('float32')
    const clone = { data: Int8Array.of(1) as unknown as Float32Array, shape: [1] as const, space }
    expect(() => Embeddings.from(clone)).toThrow(TypeError)
  })

  it('truncate() slices integers and keeps their precision', () => {
    const cut = new Embeddings(Int8Array.of(-128, 2, 3, 127, 5, 6), [2, 3], space, 'int8').truncate(2)
    expect(cut).toMatchObject({ shape: [2, 2], precision: 'int8', space })
    expect(cut.data).toEqual(Int8Array.of(-128, 2, 127, 5))
  })

  it('truncate() counts components of packed bits', () => {
    const bits = new Embeddings(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3], space, 'ubinary')
    expect(bits.truncate(16).data).toEqual(Uint8Array.of(1, 2, 4, 5))
    expect(bits.truncate(16).shape).toEqual([2, 2])
    expect(bits.truncate(800).shape).toEqual([2, 3])
    for (const dim of [1, 12, 0, -8]) expect(() => bits.truncate(dim)).toThrow(RangeError)
    expect(() => bits.truncate(12)).toThrow(/a positive multiple of 8, as ubinary packs bits: current value is 12/)
  })
})

describe('Embeddings.from() of vectors from elsewhere', () => {
  it('copies rows of every kind into float32', () => {
    const rows = [Float32Array.of(1, 2, 3), Float64Array.of(0.1, -0, 1e-40), [4, 5, 6]]
    const made = Embeddings.from(rows, space)
    expectTypeOf(made).toEqualTypeOf<Embeddings>()
    expect(made).toMatchObject({ shape: [3, 3], precision: 'float32', space, tokens: undefined })
    // 0.1 and 1e-40 as numpy's float32 has them.
    expect([...made.data]).toEqual([1, 2, 3, 0.10000000149011612, -0, 9.999946101114759e-41, 4, 5, 6])
    rows[0]?.fill(7)
    expect(made.data[0]).toBe(1)
  })

  it.each([
    ['a Float32Array', Float32Array.of(1, 2)],
    ['a Float64Array', Float64Array.of(1, 2)],
    ['a list of numbers', [1, 2]],
  ])('makes one vector of %s', (_, vector) => {
    const made = Embeddings.from(vector, space)
    expectTypeOf(made).toEqualTypeOf<Embeddings<readonly [number]>>()
    expect(made.shape).toEqual([2])
    expect(made.data).toEqual(Float32Array.of(1, 2))
    expect(made.data.buffer).not.toBe((vector as Float32Array).buffer)
  })

  it('reads rows that JSON and a reactive proxy give', () => {
    const rows = new Proxy(JSON.parse('[[1, 2], [3, 4]]') as number[][], {})
    expect(Embeddings.from(rows)).toMatchObject({ shape: [2, 2], space: { id: '', model: 'unknown' } })
  })

  it.each<[string, unknown, typeof TypeError | typeof RangeError, RegExp]>([
    ['no rows', [], RangeError, /current value of rows is no numbers/],
    ['rows without numbers', [[], []], RangeError, /rows is no numbers/],
    [
      'rows of other lengths',
      [[1, 2], [3]],
      RangeError,
      /equally long .*: current value of rows\[1\]\.length is 1, not 2/,
    ],
    [
      'a text in a row',
      [
        [1, 2],
        [3, '0.5'],
      ],
      TypeError,
      /rows\[1\]\[1\] is "0\.5"/,
    ],
    ['null in a row', [[1, null]], TypeError, /rows\[0\]\[1\] is \[object Null\]/],

    ['a hole in a row', [[1, , 3]], TypeError, /rows\[0\]\[1\] is \[object Undefined\]/],
    ['a row that is none', [[1], 2], TypeError, /rows\[1\] is 2/],
    ['a hole among rows', [[1], undefined], TypeError, /rows\[1\] is \[object Undefined\]/],
    ['integers of another precision', [Int8Array.of(1, 2)], TypeError, /rows\[0\] is \[object Int8Array\]/],
    ['bigints', [[1n]], TypeError, /rows\[0\]\[0\] is \[object BigInt\]/],
    ['NaN', [Float32Array.of(1, NaN)], RangeError, /rows\[0\]\[1\] is NaN/],
    ['more than float32 has', [1, 1e39], RangeError, /rows\[1\] is 1e\+39/],
  ])('refuses %s', (_, rows, type, message) => {
    expect(() => Embeddings.from(rows as number[][])).toThrow(type)
    expect(() => Embeddings.from(rows as number[][])).toThrow(message)
  })

  it('refuses a space that is none', () => {
    for (const wrong of [null, 'model', { model: 'A' }]) {
      expect(() => Embeddings.from([1], wrong as unknown as typeof space)).toThrow(TypeError)
    }
  })
})
