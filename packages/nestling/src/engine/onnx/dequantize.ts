import type { WeightRef } from '../../model/encoder-spec.js'

/**
 * Gives an int8 weight in float32: each row times its scale.
 *
 * @param weight - An `I8` weight with a scale.
 * @param file - Bytes of its file.
 * @returns The values, row-major.
 * @throws {Error} If it has no scale, which reading the weights rules out.
 */
export function dequantize(weight: WeightRef, file: Uint8Array): Float32Array<ArrayBuffer> {
  const { scale, shape } = weight
  if (scale === undefined) throw new Error(`Cannot dequantize ${weight.name} as it has no scale`)
  const rows = shape.length > 1 ? (shape[0] ?? 1) : 1
  const columns = weight.byteLength / rows
  const integers = new Int8Array(file.buffer, file.byteOffset + weight.offset, weight.byteLength)
  // A copy, as a float32 view needs an offset that is a multiple of 4.
  const scales = new Float32Array(file.slice(scale.offset, scale.offset + rows * Float32Array.BYTES_PER_ELEMENT).buffer)
  const values = new Float32Array(weight.byteLength)
  for (let row = 0; row < rows; row++) {
    const factor = scales[row] as number
    const end = (row + 1) * columns
    for (let index = row * columns; index < end; index++) values[index] = (integers[index] as number) * factor
  }
  return values
}
