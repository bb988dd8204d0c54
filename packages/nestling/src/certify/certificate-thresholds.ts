import type { PoolingChain } from '../model/encoder-spec.js'
import type { Dtype } from '../wire/protocol.js'
import type { ReferenceVectors } from './reference-vectors.js'

/** How near a vector must be to the known one, as cosines at every dim. */
export interface Thresholds {
  /** For each text. */
  readonly min: number
  /** For the mean of the texts. */
  readonly mean: number
}

/** Float32 differs by the order of sums alone: 3e-7 is the largest error in docs/parity-webgpu.md. */
const FLOAT32: Thresholds = { min: 0.9999, mean: 0.9999 }

/** Float16 has 11 bits: at least 0.99998 on eight fixtures (fp16.browser.test.ts), whose sums are float32; a GPU's may be float16. */
const FLOAT16: Thresholds = { min: 0.999, mean: 0.999 }

/** Weights of int8, computed in float: at least 0.9964 on the golden texts of minilm-l6 at any of its dims, an empty text being lowest. */
const INT8_WEIGHTS: Thresholds = { min: 0.99, mean: 0.998 }

/** Activations of int8 too: lowest 0.9748, mean 0.9929 for onnxruntime's own, one scale a tensor; better kernels give more. */
const INT8_KERNELS: Thresholds = { min: 0.975, mean: 0.995 }

/**
 * Says how near vectors must be.
 *
 * @param source - What they are compared with: golden vectors are float32, a reference has the weights as they are.
 * @param dtype - What is computed with.
 * @param spec - The model.
 * @returns The thresholds; `undefined` where nothing is known of the dtype.
 */
export function thresholdsOf(
  source: ReferenceVectors['source'],
  dtype: Dtype,
  spec: PoolingChain,
): Thresholds | undefined {
  if (dtype === 'q8') return INT8_KERNELS
  if (dtype === 'q4') return source === 'golden' ? undefined : FLOAT16
  if (source === 'golden' && hasInt8Weights(spec)) return INT8_WEIGHTS
  return dtype === 'fp16' ? FLOAT16 : FLOAT32
}

/** Wherever in the spec; it is plain data. */
function hasInt8Weights(spec: unknown): boolean {
  if (typeof spec !== 'object' || spec === null) return false
  return ('dtype' in spec && spec.dtype === 'I8') || Object.values(spec).some(hasInt8Weights)
}
