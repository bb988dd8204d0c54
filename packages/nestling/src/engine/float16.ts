const FLOAT16_BITS_OF_INFINITY = 0x7c00
const FLOAT16_BITS_OF_NAN = 0x7e00
/** Float32 has 8 bits of exponent around 127, float16 has 5 around 15. */
const EXPONENT_SHIFT = 112
/** Float32 has 23 bits of fraction, float16 has 10. */
const FRACTION_SHIFT = 13

/**
 * Converts float32 to the bits of float16, rounding half to even; `Float16Array` is too new.
 *
 * @param values - Numbers. Those beyond 65,504 become infinite.
 * @returns As many halves.
 * @see IEEE 754-2019, binary16
 */
export function toFloat16Bits(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(bits.length)
  for (let index = 0; index < bits.length; index++) halves[index] = halfOf(bits[index] as number)
  return halves
}

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - EXPONENT_SHIFT
  const fraction = bits & 0x7f_ffff
  if (exponent === 0xff - EXPONENT_SHIFT) {
    return sign | (fraction === 0 ? FLOAT16_BITS_OF_INFINITY : FLOAT16_BITS_OF_NAN)
  }
  if (exponent >= 0x1f) return sign | FLOAT16_BITS_OF_INFINITY
  // A carry out of the fraction goes on into the exponent, up to infinity, which is what rounding means there.
  if (exponent > 0) return sign | roundShift((exponent << 23) | fraction, FRACTION_SHIFT)
  if (exponent < -10) return sign
  return sign | roundShift(fraction | 0x80_0000, FRACTION_SHIFT + 1 - exponent)
}

/** Divides by a power of two, rounding half to even. */
function roundShift(value: number, shift: number): number {
  const quotient = value >>> shift
  const rest = value & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  return rest > half || (rest === half && (quotient & 1) === 1) ? quotient + 1 : quotient
}
