import { createIndex, type SearchHit, type SearchIndex } from '@nestling/search'
import type { Embedder, Embeddings } from 'nestling'
import type { Passage } from '../../text/passages.js'

/** How to search. */
export interface PassageQuery {
  readonly isHybrid: boolean
  readonly isFunnel: boolean
  readonly signal: AbortSignal
}

/** Metadata of a document of the index. */
export interface PassageMetadata {
  readonly heading: string
  readonly source: string
  readonly [key: string]: string
}

/** What a search found, and how long it took. */
export interface FoundPassages {
  readonly hits: readonly SearchHit<PassageMetadata>[]
  readonly query: Embeddings<readonly [number]>
  readonly encodeMs: number
  readonly searchMs: number
}

/** Hits of a query. */
const TOP_K = 8

/** Paragraphs that can be searched. Dispose of it. */
export class PassageIndex {
  readonly embedder: Embedder
  readonly count: number
  readonly #index: SearchIndex<PassageMetadata>

  private constructor(embedder: Embedder, index: SearchIndex<PassageMetadata>, count: number) {
    this.embedder = embedder
    this.#index = index
    this.count = count
  }

  /**
   * Indexes paragraphs.
   *
   * @param embedder - The model.
   * @param options - `onProgress` is told the share that is done; `signal` ends it.
   * @param options.onProgress - Told how many are done.
   * @param options.signal - Ends it.
   */
  static async of(
    embedder: Embedder,
    passages: readonly Passage[],
    { onProgress, signal }: { readonly onProgress: (done: number) => void; readonly signal: AbortSignal },
  ): Promise<PassageIndex> {
    const index = await createIndex<PassageMetadata>({ embedder })
    try {
      const documents = passages.map(({ text, heading, source }, id) => ({ id, text, metadata: { heading, source } }))
      await index.add(documents, {
        signal,
        onProgress: ({ done }) => {
          onProgress(done)
        },
      })
      return new PassageIndex(embedder, index, passages.length)
    } catch (error) {
      await index.dispose()
      throw error
    }
  }

  /**
   * Finds paragraphs.
   *
   * @param text - What to look for.
   * @param query - How.
   * @returns Paragraphs, the best first.
   */
  async search(text: string, { isHybrid, isFunnel, signal }: PassageQuery): Promise<FoundPassages> {
    const start = performance.now()
    const query = await this.embedder.encodeQuery(text, { signal })
    const encoded = performance.now()
    const hits = await this.#index.search(
      { text, embedding: query },
      { topK: TOP_K, mode: isHybrid ? 'hybrid' : 'vectors', scoring: isFunnel ? 'funnel' : 'exact', signal },
    )
    return { hits, query, encodeMs: encoded - start, searchMs: performance.now() - encoded }
  }

  /**
   * Ends its worker.
   *
   * @returns When it has ended.
   */
  dispose(): Promise<void> {
    return this.#index.dispose()
  }
}
