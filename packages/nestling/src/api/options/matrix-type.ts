import type { ValueType } from '@nestling/kit/options/check-options'

/** Known by its fields: it may be a structured clone. */
export const MATRIX: ValueType = {
  words: 'a float32 Matrix',
  has: (value) =>
    typeof value === 'object' &&
    value !== null &&
    'data' in value &&
    value.data instanceof Float32Array &&
    'shape' in value &&
    Array.isArray(value.shape),
}
