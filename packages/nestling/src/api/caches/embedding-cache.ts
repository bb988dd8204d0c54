import type { EmbeddingCheck, EmbeddingContents } from '../../store/embeddings/embedding-contents.js'
import { checkKeys, checkType, type KnownKeys } from '@nestling/kit/options/check-options'
import { importBundle } from '@nestling/kit/worker/import-bundle'
import { EmbedderError } from '../../wire/embedder-error.js'

/** Options of `embeddingCache.clear`. */
export interface ClearEmbeddingsOptions {
  /**
   * Only vectors of the model with this `space.id`.
   *
   * @defaultValue all vectors
   */
  readonly space?: string | undefined
}

/**
 * The embeddings that are kept in this origin's IndexedDB, of all models. No model is needed for it. An embedder writes in the background;
 * `embedder.stats()` waits until it has.
 */
export interface EmbeddingCacheStore {
  /**
   * Counts vectors and bytes, by model.
   *
   * @returns What is kept.
   * @throws {EmbedderError} `store-unavailable`
   */
  stats(): Promise<EmbeddingContents>
  /**
   * Tells what the vectors take.
   *
   * @returns Bytes.
   * @throws {EmbedderError} `store-unavailable`
   */
  size(): Promise<number>
  /**
   * Checks every vector against its checksum, and deletes what is damaged.
   *
   * @returns How many vectors were whole, and how many were deleted.
   * @throws {EmbedderError} `store-unavailable`
   */
  verify(): Promise<EmbeddingCheck>
  /**
   * Deletes vectors.
   *
   * @param options - See {@link ClearEmbeddingsOptions}.
   * @returns When they are gone.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {EmbedderError} `store-unavailable`
   */
  clear(options?: ClearEmbeddingsOptions): Promise<void>
}

const KNOWN_KEYS: KnownKeys<ClearEmbeddingsOptions> = { space: true }

const WHAT = 'clear the embedding cache'

const keptEmbeddings = (): Promise<typeof import('./count-kept-embeddings.js')> =>
  importBundle(() => import('./count-kept-embeddings.js'), EmbedderError)

/** Looks into the embeddings that are kept. What does so is loaded with the first call. */
export const embeddingCache: EmbeddingCacheStore = {
  stats: async () => (await keptEmbeddings()).keptEmbeddings(),
  size: async () => (await embeddingCache.stats()).sizeBytes,
  verify: async () => (await keptEmbeddings()).verifyKeptEmbeddings(),
  clear: async (options = {}) => {
    checkKeys(WHAT, options, KNOWN_KEYS)
    const space = checkType(WHAT, 'space', options.space, 'string')
    await (await keptEmbeddings()).clearKeptEmbeddings(space)
  },
}
