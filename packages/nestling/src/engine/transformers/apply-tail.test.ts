import { describe, expect, it } from 'vitest'
import type { Activation, TailSpec, WeightRef } from '../../model/encoder-spec.js'
import { activationFunction } from '../activate.js'
import { createTail } from './apply-tail.js'

/** A 3 x 2 matrix and a bias of 3, three bytes into their file: safetensors aligns nothing. */
const WEIGHTS = Float32Array.of(1, 2, -1, 0, 0.5, 0.5, 10, 20, 30)
const BYTES = new Uint8Array(3 + WEIGHTS.byteLength)
BYTES.set(new Uint8Array(WEIGHTS.buffer), 3)
const FILES = new Map([['2_Dense/model.safetensors', BYTES]])

function weight(name: string, shape: readonly number[], offset: number): WeightRef {
  const byteLength = shape.reduce((product, length) => product * length, 4)
  return { name, file: '2_Dense/model.safetensors', offset: 3 + offset, byteLength, shape, dtype: 'F32' }
}

function dense(activation: Activation, hasBias: boolean): TailSpec {
  const matrix = weight('linear.weight', [3, 2], 0)
  const linear = hasBias ? { weight: matrix, bias: weight('linear.bias', [3], 24) } : { weight: matrix }
  return { kind: 'dense', linear, activation, outDim: 3 }
}

describe('createTail()', () => {
  it('multiplies by the transposed weight and adds the bias', () => {
    const tail = createTail([dense('identity', true)], FILES)
    // [1*1 + 2*2 + 10, -1 + 20, 1.5 + 30] and [4 + 2*-6 + 10, -4 + 20, -1 + 30].
    expect(Array.from(tail(Float32Array.of(1, 2, 4, -6), 2))).toEqual([15, 19, 31.5, 2, 16, 29])
  })

  it('runs the modules in order', () => {
    const tail = createTail([dense('relu', false), { kind: 'normalize' }], FILES)
    // relu([3, -3, 1.5]) is [3, 0, 1.5], and relu([-3, -3, 0]) is all 0.
    const expected = [3, 0, 1.5, 0, 0, 0].map((value) => Math.fround(value / Math.hypot(3, 1.5)))
    expect(Array.from(tail(Float32Array.of(3, 0, 3, -3), 2))).toEqual(expected)
  })

  it('leaves vectors alone where there is no module', () => {
    expect(Array.from(createTail([], FILES)(Float32Array.of(1, 2), 1))).toEqual([1, 2])
  })

  it('dequantises int8 weights', () => {
    const bytes = Uint8Array.from([2, 255, ...new Uint8Array(Float32Array.of(0.5).buffer)])
    const scale: WeightRef = { ...weight('linear.weight_scale', [1, 1], 0), offset: 2 }
    const matrix: WeightRef = { ...weight('linear.weight', [1, 2], 0), offset: 0, byteLength: 2, dtype: 'I8', scale }
    const spec: TailSpec = { kind: 'dense', linear: { weight: matrix }, activation: 'identity', outDim: 1 }
    const tail = createTail([spec], new Map([['2_Dense/model.safetensors', bytes]]))
    // 0.5 * (2 * 3 - 1 * 4)
    expect(Array.from(tail(Float32Array.of(3, 4), 1))).toEqual([1])
  })
})

describe('activationFunction()', () => {
  // torch.nn.functional at -2, -0.5, 0 and 1.
  it.each<[Activation, number[]]>([
    ['identity', [-2, -0.5, 0, 1]],
    ['gelu', [-0.0455003, -0.1542688, 0, 0.8413447]],
    ['gelu-tanh', [-0.0454023, -0.154286, 0, 0.841192]],
    ['relu', [0, 0, 0, 1]],
    ['silu', [-0.2384058, -0.1887703, 0, 0.7310586]],
    ['tanh', [-0.9640276, -0.4621172, 0, 0.7615942]],
    ['sigmoid', [0.1192029, 0.3775407, 0.5, 0.7310586]],
  ])('computes %s as PyTorch does', (activation, expected) => {
    const compute = activationFunction(activation)
    for (const [index, value] of [-2, -0.5, 0, 1].entries()) {
      expect(compute(value)).toBeCloseTo(expected[index] ?? NaN, 6)
    }
  })
})
