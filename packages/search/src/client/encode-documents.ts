import type { DocumentPortion } from '../wire/protocol.js'
import { describe } from './document-rows.js'
import { documentPromptOf, type SearchEmbedder } from './search-embedder.js'
import type { IndexDocument } from './search-index.js'

/** Documents that are cut and encoded at once: enough for full batches, and progress that moves. */
const PORTION_DOCUMENTS = 64

/** How documents are encoded. */
export interface EncodeDocumentsOptions {
  readonly embedder: SearchEmbedder
  readonly dim: number | undefined
  readonly maxTokens: number | undefined
  readonly overlapTokens: number | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * Cuts documents into passages and encodes them, portion by portion.
 *
 * @param options - The model, and how.
 * @returns Portions, in order.
 * @throws {TypeError} If a document has no text.
 */
export async function* encodedPortions<M extends object>(
  documents: readonly IndexDocument<M>[],
  options: EncodeDocumentsOptions,
): AsyncGenerator<DocumentPortion, void, undefined> {
  const { embedder, dim, maxTokens, overlapTokens, signal } = options
  const promptName = documentPromptOf(embedder)
  for (let start = 0; start < documents.length; start += PORTION_DOCUMENTS) {
    const some = documents.slice(start, start + PORTION_DOCUMENTS)
    const texts = some.map(textOf)
    const chunks = await embedder.chunk(texts, { maxTokens, overlapTokens, promptName, signal })
    const passages = chunks.flat()
    const embeddings = await embedder.encodeDocument(
      passages.map(({ text }) => text),
      { truncateDim: dim, priority: 'background', signal },
    )
    const { data, space } = embeddings
    yield {
      ...describe(some),
      rowCounts: Int32Array.from(chunks, ({ length }) => length),
      spans: Int32Array.from(passages.flatMap((passage) => [passage.start, passage.end])),
      // Our own result, unless the embedder gave a view of something larger.
      vectors: data.byteLength === data.buffer.byteLength ? (data as Float32Array<ArrayBuffer>) : data.slice(),
      dim: embeddings.dim,
      space,
    }
  }
}

function textOf({ id, text }: IndexDocument<object>): string {
  if (text !== undefined) return text
  throw new TypeError(
    `Cannot add documents as each must have a text or an embedding: current id is ${JSON.stringify(id)}`,
  )
}
