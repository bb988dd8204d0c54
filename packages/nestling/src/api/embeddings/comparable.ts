import { isOneSpace } from '../../math/embeddings.js'
import { EmbedderError } from '../../wire/embedder-error.js'
import type { AnyEmbeddings } from '../embedder.js'
import { reviveEmbeddings } from './revive-embeddings.js'

/**
 * Makes sure that two sides come from one model; similarity itself checks precisions and dims.
 *
 * @param a - Embeddings, or a structured clone of some.
 * @param b - Embeddings, or a structured clone of some.
 * @returns Both with their methods.
 * @throws {TypeError} If one is not embeddings.
 * @throws {EmbedderError} `space-mismatch` if they come from different models.
 */
export function toComparable(a: AnyEmbeddings, b: AnyEmbeddings): readonly [AnyEmbeddings, AnyEmbeddings] {
  const left = reviveEmbeddings('compare', 'a', a)
  const right = reviveEmbeddings('compare', 'b', b)
  if (!isOneSpace(left.space, right.space)) {
    throw new EmbedderError(
      'space-mismatch',
      `Cannot compare embeddings as they must come from the same model: current spaces are ${describe(left)} and ${describe(right)}\nEncode both sides with one model`,
      { details: { a: left.space.id, b: right.space.id } },
    )
  }
  return [left, right]
}

function describe({ space }: AnyEmbeddings): string {
  return `${space.model} (${space.id})`
}
