import type { Embeddings } from '../math/embeddings.js'
import type { MatrixShape } from '../math/matrix.js'
import type { Precision } from '../math/precision.js'
import { checkTexts } from './options/check-texts.js'
import type { ChunkOptions, TextChunk } from './chunk.js'
import type { EncodeOptions } from './options/encode-options.js'

/** Options of `encodeChunks`: those of `encode`, and how texts are cut. */
export type EncodeChunksOptions<P extends Precision = 'float32'> = Omit<EncodeOptions<P>, 'onTruncate'> &
  Pick<ChunkOptions, 'maxTokens' | 'overlapTokens'>

/** A chunk, and which text it is of. */
export interface ChunkOfText extends TextChunk {
  /** Place of its text in the list; 0 for a single text. */
  readonly textIndex: number
}

/** Chunks with a vector each. */
export interface EncodedChunks<P extends Precision = 'float32'> {
  /** The chunks of all texts, one text after another. */
  readonly chunks: readonly ChunkOfText[]
  /** Shape `[chunks, dim]`. */
  readonly embeddings: Embeddings<MatrixShape, P>
}

/** What can cut and encode: an embedder. */
export interface ChunkEncoder {
  /** Cuts texts into chunks. */
  chunk(texts: readonly string[], options: ChunkOptions): Promise<readonly (readonly TextChunk[])[]>
  /** Encodes texts. */
  encode<P extends Precision>(texts: readonly string[], options: EncodeOptions<P>): Promise<Embeddings<MatrixShape, P>>
}

/**
 * Cuts texts into chunks that the model reads whole, and encodes each.
 *
 * @param embedder - Does both.
 * @param input - A text or several.
 * @returns Chunks and their vectors.
 */
export async function encodeChunks<P extends Precision>(
  embedder: ChunkEncoder,
  input: string | readonly string[],
  options: EncodeChunksOptions<P>,
): Promise<EncodedChunks<P>> {
  const { maxTokens, overlapTokens, ...encodeOptions } = options
  const { promptName, prompt, signal } = encodeOptions
  const texts = checkTexts('encode chunks', input)
  const cut = await embedder.chunk(texts, { maxTokens, overlapTokens, promptName, prompt, signal })
  const chunks = cut.flatMap((ofText, textIndex) => ofText.map((chunk) => ({ ...chunk, textIndex })))
  const embeddings = await embedder.encode(
    chunks.map(({ text }) => text),
    encodeOptions,
  )
  return { chunks, embeddings }
}
