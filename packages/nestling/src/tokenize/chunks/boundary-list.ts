/** Positions in a text, found as far as somebody asked. */
export class BoundaryList {
  readonly #source: Iterator<number, void, undefined>
  readonly #positions: number[] = []
  #isComplete = false

  /**
   * Takes positions over.
   *
   * @param source - Positions, upwards.
   */
  constructor(source: Iterator<number, void, undefined>) {
    this.#source = source
  }

  /**
   * Gives a position.
   *
   * @param index - Its number.
   * @returns The position; `undefined` behind the last one.
   */
  at(index: number): number | undefined {
    while (this.#positions.length <= index && this.#advance());
    return this.#positions[index]
  }

  /**
   * Finds the first position behind another.
   *
   * @param position - Any position.
   * @returns Its index; behind the last one, how many there are.
   */
  indexAfter(position: number): number {
    while (!((this.#positions.at(-1) ?? -1) > position) && this.#advance());
    let low = 0
    let high = this.#positions.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#positions[middle] as number) > position) high = middle
      else low = middle + 1
    }
    return low
  }

  #advance(): boolean {
    if (this.#isComplete) return false
    const { value, done } = this.#source.next()
    if (done === true) this.#isComplete = true
    else this.#positions.push(value)
    return done !== true
  }
}
