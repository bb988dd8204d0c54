/** Two rows and how similar they are; `i` is the smaller index. */
export interface ScoredPair {
  readonly score: number
  readonly i: number
  readonly j: number
}

/**
 * Keeps the best pairs, each once.
 *
 * @see `sentence_transformers.util.paraphrase_mining_embeddings`
 */
export class PairHeap {
  readonly #limit: number
  readonly #rowCount: number
  /** The worst pair on top. */
  readonly #pairs: ScoredPair[] = []
  /** `i * rowCount + j` of each. */
  readonly #keys = new Set<number>()
  #minScore = -Infinity

  /**
   * Starts empty.
   *
   * @param limit - Most pairs to keep.
   * @param rowCount - Number of rows.
   */
  constructor(limit: number, rowCount: number) {
    this.#limit = limit
    this.#rowCount = rowCount
  }

  /** The pairs, in no order. */
  get pairs(): readonly ScoredPair[] {
    return this.#pairs
  }

  /**
   * Adds a pair, unless it is there or worse than all that are kept.
   *
   * @param score - How similar the rows are.
   * @param a - A row.
   * @param b - Another.
   */
  add(score: number, a: number, b: number): void {
    if (score <= this.#minScore) return
    const pair = { score, i: Math.min(a, b), j: Math.max(a, b) }
    const key = this.#keyOf(pair)
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    if (this.#pairs.length < this.#limit) {
      this.#pairs.push(pair)
      this.#siftUp()
      return
    }
    const worst = this.#pairs[0] as ScoredPair
    if (isWorse(worst, pair)) {
      this.#pairs[0] = pair
      this.#siftDown()
    }
    const evicted = isWorse(worst, pair) ? worst : pair
    this.#keys.delete(this.#keyOf(evicted))
    this.#minScore = evicted.score
  }

  #keyOf({ i, j }: ScoredPair): number {
    return i * this.#rowCount + j
  }

  #siftUp(): void {
    let place = this.#pairs.length - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!isWorse(this.#pairs[place] as ScoredPair, this.#pairs[parent] as ScoredPair)) return
      this.#swap(place, parent)
      place = parent
    }
  }

  #siftDown(): void {
    for (let place = 0; ;) {
      let worst = place
      for (const child of [2 * place + 1, 2 * place + 2]) {
        const pair = this.#pairs[child]
        if (pair !== undefined && isWorse(pair, this.#pairs[worst] as ScoredPair)) worst = child
      }
      if (worst === place) return
      this.#swap(place, worst)
      place = worst
    }
  }

  #swap(a: number, b: number): void {
    const pair = this.#pairs[a] as ScoredPair
    this.#pairs[a] = this.#pairs[b] as ScoredPair
    this.#pairs[b] = pair
  }
}

/** As Python compares tuples. */
function isWorse(a: ScoredPair, b: ScoredPair): boolean {
  if (a.score !== b.score) return a.score < b.score
  return a.i !== b.i ? a.i < b.i : a.j < b.j
}
