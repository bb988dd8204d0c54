import type { Embeddings, EmbeddingSpace, SimilarityFunction, TextChunk } from 'nestling'

/** What an index needs of a model; nestling's `Embedder` is such. */
export interface SearchEmbedder {
  /** Components of its vectors, where that is known. */
  readonly dim?: number | undefined
  /** Tokens that it reads of a text, where that is known. */
  readonly maxSeqLength?: number | undefined
  /** Dims the model was trained for, where that is known. */
  readonly nestedDims: readonly number[] | undefined
  /** What its vectors are compared by. */
  readonly similarityFunction: SimilarityFunction
  /** What its vectors may be compared with, where it says so: an index of another model is refused before anything is encoded. */
  readonly space?: EmbeddingSpace | undefined
  /** Its prompts by name. */
  readonly prompts: Readonly<Record<string, string>>
  /** Encodes a query. */
  encodeQuery(text: string, options: SearchEncodeOptions): Promise<Embeddings<readonly [number]>>
  /** Encodes passages. */
  encodeDocument(texts: readonly string[], options: SearchEncodeOptions): Promise<Embeddings>
  /** Cuts texts into passages that the model reads whole. */
  chunk(texts: readonly string[], options: SearchChunkOptions): Promise<readonly (readonly TextChunk[])[]>
}

/** Options of {@link SearchEmbedder.encodeDocument}, as `encode` of nestling has them. */
export interface SearchEncodeOptions {
  readonly truncateDim?: number | undefined
  readonly priority?: 'interactive' | 'background' | undefined
  readonly signal?: AbortSignal | undefined
}

/** Options of {@link SearchEmbedder.chunk}, as nestling has them. */
export interface SearchChunkOptions {
  readonly maxTokens?: number | undefined
  readonly overlapTokens?: number | undefined
  readonly promptName?: string | undefined
  /** A prompt of one's own, which passages leave room for; goes before `promptName`. */
  readonly prompt?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Names of the prompt that `encodeDocument` takes, in this order. */
const DOCUMENT_PROMPTS = ['document', 'passage', 'corpus']

/**
 * Finds the prompt that passages will be encoded with, for which they must leave room.
 *
 * @param embedder - The model.
 * @returns Its name; `undefined` if there is none.
 */
export function documentPromptOf({ prompts }: SearchEmbedder): string | undefined {
  return DOCUMENT_PROMPTS.find((name) => Object.hasOwn(prompts, name))
}
