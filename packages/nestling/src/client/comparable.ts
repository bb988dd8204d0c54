import { Embeddings } from '../math/embeddings.js'
import type { Shape } from '../math/matrix.js'
import { EmbedderError } from '../wire/embedder-error.js'
import { show } from './check-options.js'
import type { AnyEmbeddings } from './embedder.js'

/**
 * Makes sure that two sides may be compared.
 *
 * @param a - Embeddings, or a structured clone of some.
 * @param b - Embeddings, or a structured clone of some.
 * @returns Both with their methods.
 * @throws {TypeError} If one is not embeddings.
 * @throws {EmbedderError} `space-mismatch` if they come from different models.
 */
export function toComparable(a: AnyEmbeddings, b: AnyEmbeddings): readonly [AnyEmbeddings, AnyEmbeddings] {
  const left = revive(a, 'a')
  const right = revive(b, 'b')
  if (left.space.id !== right.space.id) {
    throw new EmbedderError(
      'space-mismatch',
      `Cannot compare embeddings as they must come from the same model: current spaces are ${describe(left)} and ${describe(right)}\nEncode both sides with one model`,
      { details: { a: left.space.id, b: right.space.id } },
    )
  }
  return [left, right]
}

function revive(value: unknown, name: string): AnyEmbeddings {
  if (value instanceof Embeddings) return value as AnyEmbeddings
  if (isClone(value)) return Embeddings.from(value)
  throw new TypeError(
    `Cannot compare embeddings as ${name} must be what encode() gave: current value is ${show(value)}`,
  )
}

function isClone(value: unknown): value is Pick<Embeddings<Shape>, 'data' | 'shape' | 'space'> {
  if (typeof value !== 'object' || value === null) return false
  const { data, shape, space } = value as Partial<Record<'data' | 'shape' | 'space', unknown>>
  const hasSpace = typeof space === 'object' && space !== null && 'id' in space
  return data instanceof Float32Array && Array.isArray(shape) && hasSpace
}

function describe({ space }: AnyEmbeddings): string {
  return `${space.model} (${space.id})`
}
