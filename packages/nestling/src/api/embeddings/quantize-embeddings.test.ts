import { describe, expect, expectTypeOf, it } from 'vitest'
import { Embeddings } from '../../math/embeddings.js'
import { Matrix } from '../../math/matrix.js'
import type { Precision } from '../../math/precision.js'
import type { QuantizeOptions } from '../../math/quantize.js'
import { quantizeEmbeddings } from './quantize-embeddings.js'

const embeddings: Embeddings = new Embeddings(Float32Array.of(0, 1, 255, -1), [2, 2], { id: 'a', model: 'A' })
// Levels of width 1 from 0 on, and from -1 on.
const ranges: Matrix = new Matrix(Float32Array.of(0, -1, 255, 254), [2, 2])
const UINT8 = Uint8Array.of(0, 2, 255, 0)

describe('quantizeEmbeddings()', () => {
  it('gives the precision that it is asked for', async () => {
    const levels = await quantizeEmbeddings(embeddings, 'uint8', { ranges })
    expectTypeOf(levels).toEqualTypeOf<Embeddings<readonly [number, number], 'uint8'>>()
    expectTypeOf(levels.data).toEqualTypeOf<Uint8Array>()
    expect(levels.data).toEqual(UINT8)
    const bits = await quantizeEmbeddings(embeddings, 'binary')
    expectTypeOf(bits.row(0)).toEqualTypeOf<Int8Array>()
    // 01000000 and 10000000, less 128
    expect(bits.data).toEqual(Int8Array.of(-64, 0))
    expect(bits.shape).toEqual([2, 1])
  })

  it('takes structured clones', async () => {
    const clone = structuredClone(embeddings)
    expect((await quantizeEmbeddings(clone, 'uint8', { ranges: structuredClone(ranges) })).data).toEqual(UINT8)
    expect((await quantizeEmbeddings(clone, 'uint8', { calibrationEmbeddings: ranges })).data).toEqual(UINT8)
  })

  it('lets other tasks run in between', async () => {
    const large = new Embeddings(new Float32Array(10_000 * 384).fill(0.5), [10_000, 384], embeddings.space)
    let isDone = false
    let turns = 0
    const count = (): void => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await quantizeEmbeddings(large, 'int8')
    isDone = true
    expect(turns).toBeGreaterThan(1)
  })

  it.each<[string, readonly unknown[], typeof TypeError | typeof RangeError, RegExp]>([
    ['what is no embeddings', [[1, 2], 'int8'], TypeError, /quantize embeddings as embeddings must be what encode/],
    ['an unknown precision', [embeddings, 'int4'], TypeError, /one of float32, .*: current value is "int4"/],
    ['an unknown option', [embeddings, 'int8', { range: ranges }], TypeError, /range is not an option: .* ranges/],
    ['ranges in arrays', [embeddings, 'int8', { ranges: [[0], [1]] }], TypeError, /ranges must be a float32 Matrix/],
    [
      'ranges of integers',
      [embeddings, 'int8', { ranges: new Matrix(new Int8Array(4), [2, 2], 'int8') }],
      TypeError,
      /ranges must be a float32 Matrix/,
    ],
    [
      'calibration with a number',
      [embeddings, 'int8', { calibrationEmbeddings: 5 }],
      TypeError,
      /calibrationEmbeddings must be .* is 5/,
    ],
    [
      'ranges of another dim',
      [embeddings, 'int8', { ranges: new Matrix(new Float32Array(6), [2, 3]) }],
      RangeError,
      /shape \[2, 2\]/,
    ],
    [
      'what is quantized already',
      [new Embeddings(new Uint8Array(2), [2, 1], embeddings.space, 'ubinary'), 'int8'],
      TypeError,
      /float32: current value is ubinary/,
    ],
  ])('refuses %s', async (_, given, type, message) => {
    const call = quantizeEmbeddings(...(given as [Embeddings, Precision, QuantizeOptions?]))
    const error: unknown = await call.catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(type)
    expect((error as Error).message).toMatch(message)
  })
})
