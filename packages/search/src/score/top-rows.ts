/** Keeps the rows with the highest scores: a heap whose root is the lowest of them. */
export class TopRows {
  readonly #scores: Float64Array
  readonly #rows: Int32Array
  #count = 0
  /** What a score must exceed to get in; minus infinity while there is room. */
  threshold: number

  /**
   * Starts empty.
   *
   * @param capacity - Rows to keep, at least one.
   */
  constructor(capacity: number) {
    this.#scores = new Float64Array(capacity)
    this.#rows = new Int32Array(capacity)
    this.threshold = -Infinity
  }

  /** Whether rows had to be left out. */
  get isFull(): boolean {
    return this.#count === this.#rows.length
  }

  /**
   * Takes a row whose score exceeds the threshold.
   *
   * @param row - The row.
   * @param score - Its score.
   */
  add(row: number, score: number): void {
    if (this.isFull) {
      this.#sink(row, score)
    } else {
      this.#rise(row, score)
    }
    if (this.isFull) this.threshold = this.#scores[0] as number
  }

  /**
   * Gives the rows.
   *
   * @returns The rows, in no order.
   */
  rows(): Int32Array {
    return this.#rows.slice(0, this.#count)
  }

  #rise(row: number, score: number): void {
    let at = this.#count++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((this.#scores[parent] as number) <= score) break
      this.#move(parent, at)
      at = parent
    }
    this.#put(at, row, score)
  }

  #sink(row: number, score: number): void {
    const scores = this.#scores
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#count) break
      if (child + 1 < this.#count && (scores[child + 1] as number) < (scores[child] as number)) child++
      if ((scores[child] as number) >= score) break
      this.#move(child, at)
      at = child
    }
    this.#put(at, row, score)
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#rows[from] as number, this.#scores[from] as number)
  }

  #put(at: number, row: number, score: number): void {
    this.#rows[at] = row
    this.#scores[at] = score
  }
}
