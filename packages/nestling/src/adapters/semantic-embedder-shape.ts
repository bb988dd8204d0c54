/**
 * What vectors are for, as the proposed Semantic Embedder API names it.
 *
 * The shapes in this file are those of its web-platform tests (`ai/semantic_embedder`, read in November 2026), and of Chromium's IDL where
 * the tests are silent. Two things are left out: the permission policy and the user activation, which guard a model of the browser's.
 *
 * @see {@link https://github.com/web-platform-tests/wpt/tree/master/ai/semantic_embedder | The tests}
 * @see {@link https://github.com/explainers-by-googlers/semantic-embedder-api | The explainer}
 */
export const TASK_TYPES = [
  'semantic-similarity',
  'clustering',
  'classification',
  'retrieval-query',
  'retrieval-document',
] as const

/** One of the tasks. */
export type SemanticEmbedderTaskType = (typeof TASK_TYPES)[number]

/** Whether `create` would succeed, and whether it would download something. */
export type SemanticEmbedderAvailability = 'unavailable' | 'downloadable' | 'downloading' | 'available'

/** Chooses how `embed` works. */
export interface SemanticEmbedderEmbedOptions {
  /** What the vectors are for; without it the text is encoded as it is, without any prompt. */
  readonly taskType?: SemanticEmbedderTaskType | undefined
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined
}

/** The embedding of one text. */
export interface ContentEmbedding {
  /** The vector. */
  readonly values: Float32Array
  /** Name of the space that it lies in; only vectors of the same space may be compared. */
  readonly embeddingSpace: string
  /** What the model read, as the explainer has it; the browser's own tells nothing yet. */
  readonly statistics?: { readonly tokenCount: number; readonly truncated: boolean } | undefined
}

/** What `embed` gives. */
export interface SemanticEmbedderResult {
  /** One entry a text, in their order. */
  readonly embeddings: readonly ContentEmbedding[]
}

/** An embedder of the shape that browsers propose. */
export interface SemanticEmbedder {
  /** The space that was passed to `create`. */
  readonly embeddingSpace: string
  /**
   * Turns texts into vectors.
   *
   * @param input - A text or several.
   * @param options - See {@link SemanticEmbedderEmbedOptions}.
   * @returns One entry a text.
   * @throws {TypeError} If the input is no text or the task type does not exist.
   * @throws {DOMException} `AbortError` after `destroy`. On an abort of `signal`, or of the signal of `create`, its reason.
   */
  embed(input: string | readonly string[], options?: SemanticEmbedderEmbedOptions): Promise<SemanticEmbedderResult>
  /** Ends it and gives its memory back. Pending calls reject. */
  destroy(): void
}

/** Chooses how `availability` works. */
export interface SemanticEmbedderAvailabilityOptions {
  /** The space that the vectors must lie in, such as that of stored ones; any where it is left out. */
  readonly embeddingSpace?: string | undefined
}

/** Chooses how `create` works. */
export interface SemanticEmbedderCreateOptions {
  /** The space that the vectors must lie in: one that `params` lists. */
  readonly embeddingSpace: string
  /** Told once, with a target of `downloadprogress` events, whose `loaded` runs from 0 to 1. */
  readonly monitor?: ((monitor: EventTarget) => void) | undefined
  /** Ends the load and, once that is over, the embedder. */
  readonly signal?: AbortSignal | undefined
}

/** A space that `create` can serve. */
export interface SupportedEmbeddingSpace {
  /** Its name. */
  readonly embeddingSpace: string
  /** When it will no longer be served, in milliseconds since 1970; `null` where nobody has said so. A model of yours has no such day. */
  readonly shutdownDate: number | null
}

/** What `params` gives. */
export interface SemanticEmbedderParams {
  /** The spaces that can be asked for, the best first; none where models cannot run. */
  readonly supportedSpaces: readonly SupportedEmbeddingSpace[]
}

/** What stands in the place of the browser's global `SemanticEmbedder`: an object of its class is `instanceof` it. */
export interface SemanticEmbedderFactory {
  readonly prototype: SemanticEmbedder
  [Symbol.hasInstance](value: unknown): boolean
  /**
   * Lists what can be asked for; downloads nothing.
   *
   * @returns The spaces.
   */
  params(): Promise<SemanticEmbedderParams>
  /**
   * Tells whether a model can be had, and whether it would be downloaded.
   *
   * @param options - The space, where it matters.
   * @returns What `create` would do; 'unavailable' for a space that is not served.
   */
  availability(options?: SemanticEmbedderAvailabilityOptions | null): Promise<SemanticEmbedderAvailability>
  /**
   * Makes an embedder.
   *
   * @param options - See {@link SemanticEmbedderCreateOptions}.
   * @returns It, ready.
   * @throws {TypeError} If no `embeddingSpace` is given.
   * @throws {DOMException} `NotSupportedError` if the space is not served, or models cannot run here. On an abort, the signal's reason.
   * @throws {EmbedderError} If the model cannot be loaded: the codes of `load`.
   */
  create(options: SemanticEmbedderCreateOptions): Promise<SemanticEmbedder>
}
