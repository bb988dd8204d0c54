import type { AnyEmbeddings, Embedder } from '../../api/embedder.js'
import type { EncodeOptions } from '../../api/options/encode-options.js'
import type { MatrixShape } from '../../math/matrix.js'
import type { Embeddings } from '../../math/embeddings.js'
import type { Precision } from '../../math/precision.js'

/** What the texts are for. */
export const TASKS = ['query', 'document'] as const

/** One of {@link TASKS}. */
export type Task = (typeof TASKS)[number]

/** Encodes texts in one way. */
export type EncodeTexts = (
  texts: readonly string[],
  signal?: AbortSignal,
) => Promise<Embeddings<MatrixShape, Precision>>

/**
 * Fixes how texts are encoded.
 *
 * @param task - What they are for; `undefined` for `encode`.
 * @param options - Of every call.
 */
export function encoderOf(embedder: Embedder, task: Task | undefined, options: EncodeOptions<Precision>): EncodeTexts {
  return (texts, signal) => {
    const all = { ...options, signal }
    if (task === 'query') return embedder.encodeQuery(texts, all)
    return task === 'document' ? embedder.encodeDocument(texts, all) : embedder.encode(texts, all)
  }
}

/** One row of embeddings; a view. */
export function rowOf({ data, dim }: AnyEmbeddings, index: number): Float32Array | Int8Array | Uint8Array {
  return data.subarray(index * dim, (index + 1) * dim)
}
