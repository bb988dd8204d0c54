/** The types that embeddings can have, by their names in sentence-transformers. */
export const PRECISIONS = ['float32', 'int8', 'uint8', 'binary', 'ubinary'] as const

/**
 * One of {@link PRECISIONS}. `int8` and `uint8` hold 256 levels a component; `binary` and `ubinary` hold its sign, eight
 * components a byte with the first in the highest bit, and differ by 128.
 */
export type Precision = (typeof PRECISIONS)[number]

/** The typed array of each precision. */
export interface PrecisionData {
  readonly float32: Float32Array
  readonly int8: Int8Array
  readonly uint8: Uint8Array
  readonly binary: Int8Array
  readonly ubinary: Uint8Array
}

/** Classes of {@link PrecisionData}. */
export const ARRAY_OF: { readonly [P in Precision]: new (length: number) => PrecisionData[P] } = {
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  binary: Int8Array,
  ubinary: Uint8Array,
}

/**
 * Says how many components one value of a precision holds.
 *
 * @returns 8 for packed bits, else 1.
 */
export function componentsPerValue(precision: Precision): 1 | 8 {
  return precision.endsWith('binary') ? 8 : 1
}
