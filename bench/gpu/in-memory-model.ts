import type { EncoderSpec, LinearSpec, NormSpec, WeightRef } from '../../packages/nestling/src/model/encoder-spec.js'

/** The sizes of a BERT encoder. */
export interface ModelShape {
  readonly name: string
  readonly layers: number
  readonly hidden: number
  readonly heads: number
  readonly inner: number
  readonly vocabulary: number
}

/** The default model's, that of the seed (distilroberta) and that of a base model. */
export const SHAPES: readonly ModelShape[] = [
  { name: '6 x 384', layers: 6, hidden: 384, heads: 12, inner: 1536, vocabulary: 30_522 },
  { name: '6 x 768', layers: 6, hidden: 768, heads: 12, inner: 3072, vocabulary: 50_265 },
  { name: '12 x 768', layers: 12, hidden: 768, heads: 12, inner: 3072, vocabulary: 30_522 },
]

const POSITIONS = 512
const FILE = 'model.safetensors'

/** An encoder with weights that mean nothing. */
export interface InMemoryModel {
  readonly spec: EncoderSpec
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/**
 * Makes an encoder of a shape; what it computes means nothing, and takes as long as if it did.
 *
 * @param isInt8 - Whether matrices are int8 with a scale a row.
 */
export function inMemoryModel(shape: ModelShape, isInt8: boolean): InMemoryModel {
  const { layers, hidden, heads, inner, vocabulary } = shape
  const weights = new WeightWriter(isInt8)
  const norm = (): NormSpec => ({
    kind: 'layer',
    weight: weights.floats([hidden]),
    bias: weights.floats([hidden]),
    epsilon: 1e-12,
  })
  const linear = (out: number, inputs: number): LinearSpec => ({
    weight: weights.matrix([out, inputs]),
    bias: weights.floats([out]),
  })
  const spec: EncoderSpec = {
    architecture: 'bert',
    hiddenSize: hidden,
    vocabSize: vocabulary,
    embeddings: {
      word: weights.matrix([vocabulary, hidden]),
      position: { weight: weights.floats([POSITIONS, hidden]), numbering: 'sequential', paddingId: 0 },
      norm: norm(),
    },
    rotaries: [],
    masks: [{ isCausal: false }],
    layers: Array.from({ length: layers }, () => ({
      attention: {
        heads,
        keyValueHeads: heads,
        headDim: hidden / heads,
        scale: 1 / Math.sqrt(hidden / heads),
        query: linear(hidden, hidden),
        key: linear(hidden, hidden),
        value: linear(hidden, hidden),
        output: linear(hidden, hidden),
        mask: 0,
        outputNorm: norm(),
      },
      feedForward: { up: linear(inner, hidden), activation: 'gelu', down: linear(hidden, inner), outputNorm: norm() },
    })),
    pooling: { modes: ['mean'], includePrompt: true },
    tail: [{ kind: 'normalize' }],
    dim: hidden,
  }
  return { spec, weightFiles: new Map([[FILE, weights.bytes()]]) }
}

/** Gives each weight a place of its own in one file. */
class WeightWriter {
  readonly #isInt8: boolean
  readonly #refs: WeightRef[] = []
  #end = 0

  constructor(isInt8: boolean) {
    this.#isInt8 = isInt8
  }

  matrix(shape: readonly [number, number]): WeightRef {
    if (!this.#isInt8) return this.floats(shape)
    const ref: WeightRef = { ...this.#place(shape, 'I8', 1), scale: this.floats([shape[0]]) }
    return ref
  }

  floats(shape: readonly number[]): WeightRef {
    return this.#place(shape, 'F32', Float32Array.BYTES_PER_ELEMENT)
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#end)
    let state = 1
    for (const { offset, byteLength, dtype } of this.#refs) {
      const values = dtype === 'I8' ? new Int8Array(bytes.buffer, offset, byteLength) : undefined
      const floats = dtype === 'F32' ? new Float32Array(bytes.buffer, offset, byteLength / 4) : undefined
      const target = values ?? (floats as Float32Array)
      for (let index = 0; index < target.length; index++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
        target[index] = values === undefined ? state / 2 ** 37 : state >> 24
      }
    }
    return bytes
  }

  #place(shape: readonly number[], dtype: 'I8' | 'F32', size: number): WeightRef {
    const byteLength = size * shape.reduce((product, length) => product * length, 1)
    const ref: WeightRef = { name: `w${this.#refs.length}`, file: FILE, offset: this.#end, byteLength, shape, dtype }
    this.#refs.push(ref)
    this.#end += 16 * Math.ceil(byteLength / 16)
    return ref
  }
}
