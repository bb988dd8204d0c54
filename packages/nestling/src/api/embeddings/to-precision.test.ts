import { describe, expect, it } from 'vitest'
import { Embeddings } from '../../math/embeddings.js'
import { Matrix } from '../../math/matrix.js'
import { checkPrecision, toPrecision } from './to-precision.js'

const space = { id: 'a', model: 'A' }
const ranges = new Matrix(Float32Array.of(0, 0, 255, 255), [2, 2])

describe('toPrecision()', () => {
  it('takes the ranges of all rows of the call, as Python does', async () => {
    const embeddings = new Embeddings(Float32Array.of(0, 255, 255, 0, 7, 9), [3, 2], space)
    const result = await toPrecision(embeddings, { precision: 'int8', ranges: undefined })
    expect(result.data).toEqual(Int8Array.of(-128, 127, 127, -128, -121, -119))
    expect(result).toMatchObject({ precision: 'int8', shape: [3, 2], space })
  })

  it('takes the ranges of the options, and then a single text', async () => {
    const result = await toPrecision(new Embeddings(Float32Array.of(7, 300), [2], space), {
      precision: 'uint8',
      ranges,
    })
    expect(result.data).toEqual(Uint8Array.of(7, 255))
    expect(result.shape).toEqual([2])
  })

  it('gives float32 as it is, and no rows in the precision that was asked for', async () => {
    const embeddings = new Embeddings(new Float32Array(0), [0, 12], space)
    expect(await toPrecision(embeddings, { precision: 'float32', ranges: undefined })).toBe(embeddings)
    const bits = await toPrecision(embeddings, { precision: 'ubinary', ranges: undefined })
    expect(bits).toMatchObject({ shape: [0, 2], precision: 'ubinary' })
  })
})

describe('checkPrecision()', () => {
  it('refuses before the work what cannot be done after it', () => {
    const check = (count: number, dim: number, given: typeof ranges | undefined) => (): void => {
      checkPrecision(count, dim, { precision: 'int8', ranges: given })
    }
    expect(check(1, 2, undefined)).toThrow(RangeError)
    expect(check(1, 3, ranges)).toThrow(/shape \[2, 3\]: current shape is \[2, 2\]/)
    expect(check(1, 2, ranges)).not.toThrow()
    expect(check(2, 2, undefined)).not.toThrow()
    expect(check(0, 2, undefined)).not.toThrow()
  })
})
