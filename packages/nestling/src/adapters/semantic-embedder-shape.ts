/**
 * What vectors are for, as the proposed Embedding API names it.
 *
 * @see {@link https://github.com/explainers-by-googlers/embedding-api | Explainer of the Embedding API}
 */
export const TASK_TYPES = [
  'semantic-similarity',
  'retrieval-query',
  'retrieval-document',
  'classification',
  'clustering',
] as const

/** One of {@link TASK_TYPES}. */
export type EmbedTaskType = (typeof TASK_TYPES)[number]

/** Whether `create` would succeed, and whether it would download something. */
export type SemanticEmbedderAvailability = 'unavailable' | 'downloadable' | 'downloading' | 'available'

/** Options of `embed`. */
export interface SemanticEmbedOptions {
  /** What the vectors are for; without it the text is encoded as it is, without any prompt. */
  readonly taskType?: EmbedTaskType | undefined
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined
}

/** The embedding of one text. */
export interface ContentEmbedding {
  /** The vector. */
  readonly values: Float32Array
  /** Name of the space that it lies in; only vectors of the same space may be compared. */
  readonly embeddingSpace: string
  /** What the model read; the browser's own may tell nothing. */
  readonly statistics?: { readonly tokenCount: number; readonly truncated: boolean } | undefined
}

/** What `embed` gives. */
export interface SemanticEmbedderResult {
  /** One entry a text, in their order. */
  readonly embeddings: readonly ContentEmbedding[]
}

/** An embedder of the shape that browsers propose. */
export interface SemanticEmbedder {
  /** Name of the space of its vectors. */
  readonly embeddingSpace: string
  /**
   * Turns texts into vectors.
   *
   * @param input - A text or several.
   * @param options - Options.
   * @returns One entry a text.
   */
  embed(input: string | readonly string[], options?: SemanticEmbedOptions): Promise<SemanticEmbedderResult>
  /** Ends it and gives its memory back. Pending calls reject. */
  destroy(): void
}

/** Options of `availability` and `create`. */
export interface SemanticEmbedderCreateOptions {
  /** The space that the vectors must lie in, such as that of stored ones; any where it is left out. */
  readonly embeddingSpace?: string | undefined
  /** Told once, with a target of `downloadprogress` events, whose `loaded` runs from 0 to 1. */
  readonly monitor?: ((monitor: EventTarget) => void) | undefined
  /** Ends the load. */
  readonly signal?: AbortSignal | undefined
}

/** What stands in the place of the browser's global `SemanticEmbedder`. */
export interface SemanticEmbedderFactory {
  /**
   * Tells whether a model can be had, and whether it would be downloaded.
   *
   * @param options - The options of `create`.
   * @returns What `create` would do.
   */
  availability(options?: SemanticEmbedderCreateOptions): Promise<SemanticEmbedderAvailability>
  /**
   * Makes an embedder.
   *
   * @param options - Options.
   * @returns It, ready.
   */
  create(options?: SemanticEmbedderCreateOptions): Promise<SemanticEmbedder>
}
