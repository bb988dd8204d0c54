import type { WeightRef } from '../model/encoder-spec.js'

/**
 * Gives a weight in float32, whatever it is stored in.
 *
 * @param file - Bytes of its file.
 * @returns The values, row-major.
 * @throws {Error} If it is int8 without a scale, which reading the weights rules out.
 */
export function toFloat32(weight: WeightRef, file: Uint8Array): Float32Array<ArrayBuffer> {
  // A copy, as a view needs an offset that is a multiple of its element's size.
  const bytes = file.slice(weight.offset, weight.offset + weight.byteLength)
  switch (weight.dtype) {
    case 'F32':
      return new Float32Array(bytes.buffer)
    case 'F16':
      return fromFloat16(new Uint16Array(bytes.buffer))
    case 'BF16':
      return fromBfloat16(new Uint16Array(bytes.buffer))
    case 'I8':
      return fromInt8(weight, new Int8Array(bytes.buffer), file)
  }
}

/** Bfloat16 is the upper half of a float32. */
function fromBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length)
  for (let index = 0; index < halves.length; index++) bits[index] = (halves[index] as number) << 16
  return new Float32Array(bits.buffer)
}

/** Through a table of all 65,536 values: `Float16Array` is too new, and weights are many. */
function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const table = Float32Array.from({ length: 65_536 }, (_, bits) => float16ToNumber(bits))
  const values = new Float32Array(halves.length)
  for (let index = 0; index < halves.length; index++) values[index] = table[halves[index] as number] as number
  return values
}

function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Each row times its scale. */
function fromInt8(weight: WeightRef, integers: Int8Array, file: Uint8Array): Float32Array<ArrayBuffer> {
  if (weight.scale === undefined) throw new Error(`Cannot dequantize ${weight.name} as it has no scale`)
  const scales = toFloat32(weight.scale, file)
  const columns = integers.length / scales.length
  const values = new Float32Array(integers.length)
  scales.forEach((factor, row) => {
    const end = (row + 1) * columns
    for (let index = row * columns; index < end; index++) values[index] = (integers[index] as number) * factor
  })
  return values
}
