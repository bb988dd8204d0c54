import { BinaryHeap } from './binary-heap.js'

/** A row that was found. */
export interface CorpusHit {
  /** Index of the row in the corpus. */
  readonly corpusId: number
  /** How near it is; higher means nearer. */
  readonly score: number
}

/**
 * Keeps the best rows of many. Where equal scores compete for the last place the larger index stays, as in Python, whose heap compares tuples;
 * in the list the smaller one comes first.
 */
export class TopHits {
  readonly #limit: number
  readonly #heap = new BinaryHeap<CorpusHit>(isWorse)

  /**
   * Starts empty.
   *
   * @param limit - Most rows to keep.
   */
  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Looks at rows, which must come in the order of their indices.
   *
   * @param scores - Scores by index.
   * @param start - The first row.
   * @param end - The one after the last.
   */
  add(scores: Float32Array, start: number, end: number): void {
    // Most rows are no better than the worst that is kept, and cost one comparison.
    let floor = this.#heap.size < this.#limit ? -Infinity : (this.#heap.first as CorpusHit).score
    for (let corpusId = start; corpusId < end; corpusId++) {
      const score = scores[corpusId] as number
      // Nor has an order a place for what is not a number.
      if (!(score >= floor)) continue
      if (this.#heap.size < this.#limit) this.#heap.push({ corpusId, score })
      else this.#heap.pushPop({ corpusId, score })
      if (this.#heap.size >= this.#limit) floor = (this.#heap.first as CorpusHit).score
    }
  }

  /**
   * Takes all rows out.
   *
   * @returns The best first.
   */
  drain(): CorpusHit[] {
    const hits: CorpusHit[] = []
    for (let hit = this.#heap.pop(); hit !== undefined; hit = this.#heap.pop()) hits.push(hit)
    return hits.sort((a, b) => b.score - a.score || a.corpusId - b.corpusId)
  }
}

function isWorse(a: CorpusHit, b: CorpusHit): boolean {
  return a.score < b.score || (a.score === b.score && a.corpusId < b.corpusId)
}
