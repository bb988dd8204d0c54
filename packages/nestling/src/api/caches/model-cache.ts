import type { CachedModel } from '../../store/models/cached-model.js'
import type { CacheVerification } from '../../store/models/verify-models.js'

/** Options of calls that may take long. */
export interface ModelCacheOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Options of calls that write; while another tab writes the same model, they wait. */
export interface ModelWriteOptions extends ModelCacheOptions {
  /**
   * Told once when another tab is waited for. It may download the model for long; one that does not answer for 20 s is waited for no longer,
   * and the call rejects with `store-unavailable`.
   */
  readonly onWait?: (() => void) | undefined
}

/**
 * Models that this origin keeps in IndexedDB. It needs no embedder.
 *
 * Every call rejects with {@link EmbedderError} `store-unavailable` where the browser takes the database away or does not answer; where
 * there is none from the start (private windows, blocked storage), nothing is stored, which is no error but for `import`.
 */
export interface ModelCache {
  /**
   * Lists the models, and downloads that were broken off (`isComplete: false`).
   *
   * @returns One entry a model.
   */
  list(): Promise<readonly CachedModel[]>

  /**
   * Adds the bytes of models up.
   *
   * @param key - The model; all when left out.
   * @returns Bytes that are stored, 0 where there is no such model.
   */
  size(key?: string): Promise<number>

  /**
   * Reads every chunk and compares its SHA-256 with the one it was stored with.
   *
   * @param key - The model; all when left out.
   * @param options - A signal.
   * @returns What was found.
   */
  verify(key?: string, options?: ModelCacheOptions): Promise<CacheVerification>

  /**
   * Deletes a model and what was downloaded of it; waits for a tab that downloads it. Embedders that were loaded from it go on.
   *
   * @param key - The model.
   * @param options - A signal, and who is told of a wait.
   * @returns Whether there was anything.
   */
  delete(key: string, options?: ModelWriteOptions): Promise<boolean>

  /**
   * Deletes all models.
   *
   * @param options - A signal, and who is told of a wait.
   * @returns When they are gone.
   */
  clear(options?: ModelWriteOptions): Promise<void>

  /**
   * Writes a model to one file, for machines without network. Its bytes are never all in the page's memory.
   *
   * @param key - The model.
   * @param options - A signal.
   * @returns The file.
   * @throws {EmbedderError} `model-not-found` if it is not stored whole, `integrity-mismatch` if it is damaged.
   */
  export(key: string, options?: ModelCacheOptions): Promise<Blob>

  /**
   * Stores a model from such a file, under the key that it had. All of it is checked before any of it can be read; if anything is wrong,
   * what was stored before stays as it was. Import only files that you trust: a file says itself which model it is.
   *
   * @param file - What {@link ModelCache.export} gave.
   * @param options - A signal, and who is told of a wait.
   * @returns The model; `load` with its source then needs no network.
   * @throws {EmbedderError} `model-invalid` if it is no such file, `integrity-mismatch` if it was cut or changed, `quota-exceeded`.
   */
  import(file: Blob, options?: ModelWriteOptions): Promise<CachedModel>
}
