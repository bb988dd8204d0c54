import type { Embedder, Embeddings, ProgressListener } from 'nestling'
import type { Passage } from './passages.js'

/** A passage that answers a query. */
export interface Hit {
  readonly passage: Passage
  /** Cosine similarity with the query, -1 to 1. */
  readonly score: number
}

/** How to search. */
export interface SearchOptions {
  /** Number of hits wanted. */
  readonly topK: number
  readonly signal: AbortSignal
}

/** Holds the embeddings of the passages and finds the nearest. */
export class PassageIndex {
  readonly #embedder: Embedder
  readonly #passages: readonly Passage[]
  readonly #embeddings: Embeddings

  /**
   * Joins passages and their embeddings; {@link createPassageIndex} computes them.
   *
   * @param embedder - Encodes the queries.
   * @param passages - What can be found.
   * @param embeddings - One row a passage.
   */
  constructor(embedder: Embedder, passages: readonly Passage[], embeddings: Embeddings) {
    this.#embedder = embedder
    this.#passages = passages
    this.#embeddings = embeddings
  }

  /**
   * Finds the passages that are nearest in meaning.
   *
   * @param query - What is looked for.
   * @param options - Number of hits, and the signal that ends the search.
   * @returns Hits, the best one first.
   * @throws {unknown} The signal's reason when it is aborted.
   */
  async search(query: string, { topK, signal }: SearchOptions): Promise<readonly Hit[]> {
    const embedding = await this.#embedder.encodeQuery(query, { signal })
    const similarity = await this.#embedder.similarity(embedding, this.#embeddings)
    const scores = similarity.row(0)
    return this.#passages
      .map((passage, row) => ({ passage, score: scores[row] ?? -1 }))
      .sort((a, b) => b.score - a.score)
      .slice(0, topK)
  }
}

/**
 * Embeds all passages.
 *
 * @param embedder - A loaded model.
 * @param passages - What can be found.
 * @param onProgress - Told how many are done.
 * @returns An index over them.
 */
export async function createPassageIndex(
  embedder: Embedder,
  passages: readonly Passage[],
  onProgress: ProgressListener,
): Promise<PassageIndex> {
  const texts = passages.map(({ text }) => text)
  return new PassageIndex(embedder, passages, await embedder.encodeDocument(texts, { onProgress }))
}
