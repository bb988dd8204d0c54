/** Room that is made beyond what is needed, as a share: less often, but more bytes. */
const GROWTH = 1.1

/** A list of integers that grows, four bytes each. */
export class IntColumn {
  readonly #width: number
  #values: Int32Array<ArrayBuffer> = new Int32Array(0)

  /**
   * Starts empty.
   *
   * @param width - Integers of an entry.
   */
  constructor(width = 1) {
    this.#width = width
  }

  /** All integers, room behind the last entry included; another array after it has grown. */
  get values(): Int32Array<ArrayBuffer> {
    return this.#values
  }

  /**
   * Makes room.
   *
   * @param count - Entries.
   */
  reserve(count: number): void {
    if (count * this.#width <= this.#values.length) return
    const values = new Int32Array(Math.ceil(count * GROWTH) * this.#width)
    values.set(this.#values)
    this.#values = values
  }
}
