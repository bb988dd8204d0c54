import { Embeddings, type EmbeddingsClone } from '../../math/embeddings.js'
import type { Shape } from '../../math/matrix.js'
import { isRows } from '../../math/pack-rows.js'
import { ARRAY_OF, type Precision } from '../../math/precision.js'
import { show } from '@nestling/kit/options/show'
import type { AnyEmbeddings } from '../embedder.js'

/**
 * Makes sure that a value is embeddings, and gives a structured clone its methods back.
 *
 * @param action - What is done with them, for the message.
 * @param name - The argument, for the message.
 * @param value - What the caller gave.
 * @returns Embeddings of whatever precision.
 * @throws {TypeError} If it is something else.
 */
export function reviveEmbeddings(action: string, name: string, value: unknown): AnyEmbeddings {
  if (value instanceof Embeddings) return value as AnyEmbeddings
  if (isClone(value)) return Embeddings.from(value)
  // Vectors of thousands of numbers would be one long text.
  const shown = isRows(value) ? `rows of plain numbers\nMake embeddings of them: Embeddings.from(rows)` : show(value)
  throw new TypeError(`Cannot ${action} embeddings as ${name} must be what encode() gave: current value is ${shown}`)
}

function isClone(value: unknown): value is EmbeddingsClone<Shape, Precision> {
  if (typeof value !== 'object' || value === null) return false
  const {
    data,
    shape,
    space,
    precision = 'float32',
  } = value as Partial<Record<keyof EmbeddingsClone<Shape, Precision>, unknown>>
  const hasSpace = typeof space === 'object' && space !== null && 'id' in space
  const isKnown = typeof precision === 'string' && Object.hasOwn(ARRAY_OF, precision)
  return isKnown && data instanceof ARRAY_OF[precision as Precision] && Array.isArray(shape) && hasSpace
}
