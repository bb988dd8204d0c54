import { readFileSync } from 'node:fs'
import { decodeFloats } from '@nestling/testing'
import { fixturePath } from '@nestling/testing/disk'
import { finish } from '@nestling/testing/finish'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Embeddings } from './embeddings.js'
import { Matrix, type Shape } from './matrix.js'
import { PRECISIONS, type Precision } from './precision.js'
import { checkQuantizable, quantizeSteps, type QuantizeOptions } from './quantize.js'

interface Algorithms {
  readonly vectors: Record<'corpus' | 'calibration', { readonly shape: [number, number]; readonly float32: string }>
  readonly quantize: Readonly<Record<string, string>>
}

interface Case {
  readonly name: string
  readonly shape: Shape
  readonly embeddings: string
  readonly ranges?: string
  readonly calibration?: string
  readonly quantized: Partial<Record<Precision, { readonly shape: Shape; readonly data: string }>>
}

const algorithms = JSON.parse(readFileSync(fixturePath('..', 'algorithms.json'), 'utf8')) as Algorithms
const edges = JSON.parse(readFileSync(fixturePath('..', 'quantize/golden.json'), 'utf8')) as Case[]
const SPACE = { id: 'a', model: 'A' }

function quantize<P extends Precision>(
  embeddings: Embeddings<Shape>,
  precision: P,
  options?: QuantizeOptions,
): { result: Embeddings<Shape, P>; stops: number } {
  return finish(quantizeSteps(embeddings, precision, options))
}

/** The bytes as they are, so that signed and unsigned ones are told apart by their class alone. */
function base64({ data }: { readonly data: ArrayBufferView }): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
}

function rangesOf({ data, shape: [, dim] }: Matrix): Matrix {
  const columns = Array.from({ length: dim }, (_, column) => data.filter((__, index) => index % dim === column))
  const bounds = [...columns.map((values) => Math.min(...values)), ...columns.map((values) => Math.max(...values))]
  return new Matrix(Float32Array.from(bounds), [2, dim])
}

const CLASSES = { int8: Int8Array, uint8: Uint8Array, binary: Int8Array, ubinary: Uint8Array }

describe('quantizeSteps() on the vectors of algorithms.json', () => {
  const { corpus, calibration } = algorithms.vectors
  const embeddings = new Embeddings(decodeFloats(corpus.float32), corpus.shape, SPACE)
  const calibrationEmbeddings = new Matrix(decodeFloats(calibration.float32), calibration.shape)

  it.each<[string, Exclude<Precision, 'float32'>, QuantizeOptions]>([
    ['int8 with calibration', 'int8', { calibrationEmbeddings }],
    ['uint8 with calibration', 'uint8', { calibrationEmbeddings }],
    ['int8 with ranges (min row, max row of calibration)', 'int8', { ranges: rangesOf(calibrationEmbeddings) }],
    ['int8 without either (the ranges of the corpus itself)', 'int8', {}],
    ['binary', 'binary', {}],
    ['ubinary', 'ubinary', {}],
  ])('gives what Python gives: %s', (name, precision, options) => {
    const { result } = quantize(embeddings, precision, options)
    expect(result.data).toBeInstanceOf(CLASSES[precision])
    expect(result.precision).toBe(precision)
    expect(result.shape).toEqual([60, precision.endsWith('binary') ? 2 : 16])
    expect(result.space).toBe(SPACE)
    expect(base64(result)).toBe(algorithms.quantize[name])
  })

  it('gives float32 as it is', () => {
    expect(quantize(embeddings, 'float32').result).toBe(embeddings)
  })

  it('takes ranges before calibration, as Python does', () => {
    const ranges = rangesOf(calibrationEmbeddings)
    const { result } = quantize(embeddings, 'int8', { ranges, calibrationEmbeddings: embeddings })
    expect(base64(result)).toBe(algorithms.quantize['int8 with calibration'])
  })
})

describe('quantizeSteps() at the edges', () => {
  const cases = edges.flatMap((entry) =>
    PRECISIONS.flatMap((precision) => {
      const expected = entry.quantized[precision]
      return expected === undefined ? [] : [[entry.name, precision, entry, expected] as const]
    }),
  )

  it.each(cases)('gives what Python gives: %s, %s', (_, precision, entry, expected) => {
    const dim = entry.shape.at(-1) ?? 0
    const matrix = (text: string): Matrix => {
      const data = decodeFloats(text)
      return new Matrix(data, [data.length / dim, dim])
    }
    const { result } = quantize(new Embeddings(decodeFloats(entry.embeddings), entry.shape, SPACE), precision, {
      ranges: entry.ranges === undefined ? undefined : matrix(entry.ranges),
      calibrationEmbeddings: entry.calibration === undefined ? undefined : matrix(entry.calibration),
    })
    expect(result.shape).toEqual(expected.shape)
    expect(base64(result)).toBe(expected.data)
  })

  it('packs the signs of any vector, the first in the highest bit', () => {
    fc.assert(
      fc.property(fc.array(fc.float(), { minLength: 1, maxLength: 40 }), (values) => {
        const { result } = quantize(new Embeddings(Float32Array.from(values), [values.length], SPACE), 'ubinary')
        const bits = Array.from(result.data, (byte) => byte.toString(2).padStart(8, '0')).join('')
        const signs = values.map((value) => (value > 0 ? '1' : '0')).join('')
        expect(bits).toBe(signs.padEnd(Math.ceil(values.length / 8) * 8, '0'))
      }),
    )
  })
})

describe('quantizeSteps()', () => {
  it('stops about every 50,000 values, so that a page can breathe', () => {
    const embeddings = new Embeddings(new Float32Array(2000 * 500), [2000, 500], SPACE)
    expect(quantize(embeddings, 'ubinary').stops).toBe(20)
    expect(quantize(embeddings, 'int8').stops).toBe(40)
    expect(quantize(embeddings, 'uint8', { ranges: new Matrix(new Float32Array(1000), [2, 500]) }).stops).toBe(20)
  })
})

describe('checkQuantizable()', () => {
  const two = { count: 2, dim: 3, precision: 'float32' } as const
  const matrix = (rows: number, dim: number): Matrix => new Matrix(new Float32Array(rows * dim), [rows, dim])

  it.each<[string, Parameters<typeof checkQuantizable>, typeof TypeError | typeof RangeError, RegExp]>([
    ['what is quantized', [{ ...two, precision: 'int8' }, 'int8', {}], TypeError, /float32: current value is int8/],
    ['packed bits as float32', [{ ...two, precision: 'binary' }, 'float32', {}], TypeError, /value is binary/],
    [
      'a single embedding',
      [{ ...two, count: 1 }, 'uint8', {}],
      RangeError,
      /to uint8 .* current value is 1\nGive ranges/,
    ],
    ['ranges of another dim', [two, 'int8', { ranges: matrix(2, 4) }], RangeError, /\[2, 3\]: .* \[2, 4\]/],
    ['ranges of three rows', [two, 'int8', { ranges: matrix(3, 3) }], RangeError, /\[2, 3\]: .* \[3, 3\]/],
    [
      'ranges of one row',
      [two, 'int8', { ranges: new Matrix(new Float32Array(3), [3]) as unknown as Matrix }],
      RangeError,
      /\[2, 3\]: current shape is \[3\]/,
    ],
    [
      'ranges that lack values',
      [two, 'int8', { ranges: { data: new Float32Array(5), shape: [2, 3] } }],
      RangeError,
      /ranges must/,
    ],
    [
      'calibration of another dim',
      [two, 'uint8', { calibrationEmbeddings: matrix(9, 2) }],
      RangeError,
      /calibrationEmbeddings must have shape \[count, 3\]: current shape is \[9, 2\]/,
    ],
    ['calibration without rows', [two, 'int8', { calibrationEmbeddings: matrix(0, 3) }], RangeError, /\[0, 3\]/],
  ])('refuses %s', (_, given, type, message) => {
    expect(() => {
      checkQuantizable(...given)
    }).toThrow(type)
    expect(() => {
      checkQuantizable(...given)
    }).toThrow(message)
  })

  it('takes a single embedding with ranges or calibration, none at all, and bits without either', () => {
    const one = { ...two, count: 1 }
    checkQuantizable(one, 'int8', { ranges: matrix(2, 3) })
    checkQuantizable(one, 'int8', { calibrationEmbeddings: matrix(1, 3) })
    checkQuantizable({ ...two, count: 0 }, 'int8', {})
    checkQuantizable(one, 'binary', { ranges: matrix(9, 9) })
  })
})
