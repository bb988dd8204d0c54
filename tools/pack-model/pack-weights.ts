import { readSafetensorsHeader, type TensorInfo } from '../../packages/nestling/src/model/weights/safetensors.js'
import { quantiseRows } from './quantise-rows.js'
import { writeSafetensors, type PackedTensor } from './write-safetensors.js'

const METADATA = { format: 'pt', quantization: 'int8 per row, NAME_scale float32' }

/** Buffers that no sentence-transformers module reads after mean pooling. */
const UNUSED_NAME = /(?:^|\.)(?:position_ids$|pooler\.)/

/** Intentionally kept in float32: together they are under 1 MB, and their error would be added to every token. */
const FLOAT32_TABLE_NAME = /(?:^|\.)(?:position_embeddings|token_type_embeddings)\.weight$/

/**
 * Packs the weights of one module: matrices to int8 per row, vectors as they are.
 *
 * A matrix `NAME` becomes the int8 tensor `NAME` and the float32 tensor `NAME_scale` of shape `[rows, 1]`, the names that
 * compressed-tensors uses.
 *
 * @param file - A safetensors file in float32.
 * @param path - Its path, for messages.
 * @returns A safetensors file.
 * @throws {EmbedderError} `model-invalid` if the file is not valid safetensors.
 * @throws {TypeError} If a tensor that is needed is not float32.
 * @throws {RangeError} If a weight is not finite.
 */
export function packWeights(file: Uint8Array, path: string): Uint8Array<ArrayBuffer> {
  const packed: PackedTensor[] = []
  for (const [name, tensor] of readSafetensorsHeader(file, path).tensors) {
    if (UNUSED_NAME.test(name)) continue
    if (tensor.dtype !== 'F32') {
      throw new TypeError(`Cannot pack ${path} as ${name} must be F32: current dtype is ${tensor.dtype}`)
    }
    packed.push(...packTensor(name, tensor, readFloats(file, tensor)))
  }
  return writeSafetensors(packed, METADATA)
}

function packTensor(name: string, { shape }: TensorInfo, weights: Float32Array): readonly PackedTensor[] {
  const [rowCount = 0] = shape
  const isMatrix = shape.length === 2 && name.endsWith('.weight') && !FLOAT32_TABLE_NAME.test(name)
  if (!isMatrix) {
    if (!weights.every(Number.isFinite)) throw new RangeError(`Cannot pack ${name} as its values must be finite`)
    return [{ name, dtype: 'F32', shape, bytes: bytesOf(weights) }]
  }
  const { values, scales } = quantiseRows(weights, rowCount)
  return [
    { name, dtype: 'I8', shape, bytes: bytesOf(values) },
    { name: `${name}_scale`, dtype: 'F32', shape: [rowCount, 1], bytes: bytesOf(scales) },
  ]
}

/** Copies, because an offset of a published file need not be a multiple of 4; `slice` would not, where `file` is a `Buffer`. */
function readFloats(file: Uint8Array, { offset, byteLength }: TensorInfo): Float32Array {
  return new Float32Array(new Uint8Array(file.subarray(offset, offset + byteLength)).buffer)
}

function bytesOf(array: Float32Array | Int8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
