/** One input of the graph as plain arrays; the session makes tensors of it. */
export interface Feed {
  readonly type: 'float32' | 'int32' | 'int64'
  readonly data: Float32Array | Int32Array | BigInt64Array
  readonly dims: readonly number[]
}

/**
 * Makes a float32 input.
 *
 * @param data - Values, row-major.
 * @param dims - Shape.
 */
export function float(data: Float32Array, dims: readonly number[]): Feed {
  return { type: 'float32', data, dims }
}

/**
 * Makes an int32 input.
 *
 * @param data - Values, row-major.
 * @param dims - Shape.
 */
export function int32(data: Int32Array, dims: readonly number[]): Feed {
  return { type: 'int32', data, dims }
}

/**
 * Makes a list of int64, which shapes are.
 *
 * @param values - Safe integers.
 * @returns The input.
 */
export function int64(values: readonly number[]): Feed {
  return { type: 'int64', data: BigInt64Array.from(values, BigInt), dims: [values.length] }
}
