import { normalizeRows } from '@nestling/kit/math/norm'
import type { PoolingChain } from '../model/encoder-spec.js'
import type { TextPart } from './text-task.js'

/**
 * Gives the vector of a text: that of its only part, or of a long text the mean of its chunks' vectors, weighted by their tokens and
 * then scaled to length 1 where the model does so itself.
 *
 * @param spec - The model's chain.
 * @returns `[dim]`; `undefined` while a part has not run.
 */
export function vectorOf(parts: readonly TextPart[], spec: PoolingChain): Float32Array | undefined {
  if (parts.length === 1) return parts[0]?.vector
  const mean = new Float32Array(spec.dim)
  const tokens = parts.reduce((sum, { encoding }) => sum + encoding.ids.length, 0)
  for (const { vector, encoding } of parts) {
    if (vector === undefined) return undefined
    const weight = encoding.ids.length / tokens
    for (let index = 0; index < mean.length; index++) {
      mean[index] = (mean[index] as number) + weight * (vector[index] as number)
    }
  }
  return spec.tail.at(-1)?.kind === 'normalize' ? normalizeRows(mean, spec.dim) : mean
}
