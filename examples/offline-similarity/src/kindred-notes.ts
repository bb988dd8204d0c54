import { communityDetection, semanticSearch } from '@nestling/search'
import type { Embedder, Embeddings } from 'nestling'

/** A note and how near it is to another one. */
export interface NearNote {
  readonly note: string
  /** Cosine, -1 to 1. */
  readonly score: number
}

/** Notes in groups. */
export interface GroupedNotes {
  /** Groups of two or more, the largest first; in each the centre first. */
  readonly groups: readonly (readonly string[])[]
  /** Notes that are near to no other. */
  readonly rest: readonly string[]
}

/** Notes with their embeddings. */
export class KindredNotes {
  readonly #notes: readonly string[]
  readonly #embeddings: Embeddings

  private constructor(notes: readonly string[], embeddings: Embeddings) {
    this.#notes = notes
    this.#embeddings = embeddings
  }

  /**
   * Encodes notes. Those that were encoded before are read from the store.
   *
   * @param embedder - A model that keeps embeddings.
   * @param notes - Notes, no two alike.
   * @returns The notes with their embeddings.
   */
  static async of(embedder: Embedder, notes: readonly string[]): Promise<KindredNotes> {
    return new KindredNotes(notes, await embedder.encodeDocument(notes))
  }

  /**
   * Groups notes that mean alike.
   *
   * @param threshold - Lowest cosine to the centre of a group.
   * @returns Groups, and what is in none.
   */
  async group(threshold: number): Promise<GroupedNotes> {
    if (this.#notes.length === 0) return { groups: [], rest: [] }
    const found = await communityDetection(this.#embeddings, { threshold, minCommunitySize: 2 })
    const grouped = new Set(found.flat())
    const toNote = (index: number): string => this.#notes[index] ?? ''
    return {
      groups: found.filter(({ length }) => length > 1).map((indices) => indices.map(toNote)),
      rest: this.#notes.filter((_, index) => !grouped.has(index)),
    }
  }

  /**
   * Compares a note with all others.
   *
   * @param count - How many are wanted.
   * @returns Others, the nearest first.
   */
  async nearest(note: string, count: number): Promise<readonly NearNote[]> {
    const index = this.#notes.indexOf(note)
    if (index < 0) return []
    const query = { data: this.#embeddings.row(index), count: 1, dim: this.#embeddings.dim }
    const [hits = []] = await semanticSearch(query, this.#embeddings, { topK: count + 1 })
    return hits
      .filter(({ corpusId }) => corpusId !== index)
      .slice(0, count)
      .map(({ corpusId, score }) => ({ note: this.#notes[corpusId] ?? '', score }))
  }
}
