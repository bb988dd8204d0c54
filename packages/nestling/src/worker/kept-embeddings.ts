import { VectorCache } from '../encode/vector-cache.js'
import { numericsOf } from '../certify/numerics-of.js'
import { EmbeddingStore } from '../store/embeddings/embedding-store.js'
import { listBlocks, totalBytes } from '../store/embeddings/evict-blocks.js'
import type { OpenedStorage } from '../store/records/opened-storage.js'
import type { EmbeddingStats } from '../wire/embedder-stats.js'
import type { EmbedderWarning } from '../wire/warning.js'
import type { RunningModel } from '../certify/running-model.js'

/** What {@link KeptEmbeddings} is made of. */
export interface KeptEmbeddingsParts {
  readonly model: RunningModel
  readonly opened: OpenedStorage
  readonly maxBytes: number
  /** Told once that nothing is kept, or not for long. */
  readonly onWarning: (warning: EmbedderWarning) => void
}

/** The embeddings of a model that are kept between visits, and the storage in which they are. */
export class KeptEmbeddings {
  /** What the queue asks. */
  readonly cache: VectorCache
  readonly #parts: KeptEmbeddingsParts
  readonly #store: EmbeddingStore
  #isTold = false

  /**
   * Takes a storage over.
   *
   * @param parts - Model, storage and limit.
   */
  constructor(parts: KeptEmbeddingsParts) {
    const { model, opened, maxBytes } = parts
    this.#parts = parts
    const onFailure = (error: unknown): void => {
      this.#warn(`Embeddings are not kept: ${error instanceof Error ? error.message : String(error)}`)
    }
    this.#store = new EmbeddingStore(opened.storage, { maxBytes, onFailure })
    const { spaceId, name, maxSeqLength } = model.loaded
    const facts = { spaceId, model: name, maxSeqLength, numerics: numericsOf(model.engine) }
    this.cache = new VectorCache({ store: this.#store, facts, onFailure })
    if (opened.reason !== undefined) this.#warn(`Embeddings are kept only until the page is left: ${opened.reason}`)
  }

  /**
   * Writes what waits, and counts.
   *
   * @returns Hits, misses, and what is stored of all models.
   * @throws {EmbedderError} `store-unavailable`
   */
  async stats(): Promise<EmbeddingStats> {
    await this.#store.flush()
    const blocks = await listBlocks(this.#parts.opened.storage)
    const { hits, misses } = this.cache
    const storedVectors = blocks.reduce((sum, { count }) => sum + count, 0)
    return { hits, misses, storedVectors, sizeBytes: totalBytes(blocks) }
  }

  /**
   * Writes what waits, and closes the storage.
   *
   * @returns When it is closed. Never rejects.
   */
  async close(): Promise<void> {
    await this.#store.flush()
    this.#parts.opened.storage.close()
  }

  #warn(message: string): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#parts.onWarning({ kind: 'cache-unavailable', message })
  }
}
