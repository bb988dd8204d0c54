/** Gives back numbers, the least key first, of equal keys the least value. One for all, as comparing by a function takes twice as long. */
export class NumberHeap {
  readonly #keys: number[] = []
  readonly #values: number[] = []

  get size(): number {
    return this.#keys.length
  }

  /** All values in no order. */
  get values(): readonly number[] {
    return this.#values
  }

  /** The least key; without meaning where there is none. */
  get leastKey(): number {
    return this.#keys[0] as number
  }

  /** What was pushed with that key. */
  get leastValue(): number {
    return this.#values[0] as number
  }

  /** Adds a key and its value. */
  push(key: number, value: number): void {
    const keys = this.#keys
    const values = this.#values
    let at = keys.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const other = keys[parent] as number
      if (other < key || (other === key && (values[parent] as number) <= value)) break
      keys[at] = other
      values[at] = values[parent] as number
      at = parent
    }
    keys[at] = key
    values[at] = value
  }

  /** Takes the least out. */
  pop(): void {
    const key = this.#keys.pop()
    const value = this.#values.pop()
    if (this.#keys.length > 0) this.replace(key as number, value as number)
  }

  /** Puts others in the place of the least. */
  replace(key: number, value: number): void {
    const keys = this.#keys
    const values = this.#values
    const size = keys.length
    let at = 0
    for (let child = 1; child < size; child = 2 * at + 1) {
      let least = keys[child] as number
      if (child + 1 < size) {
        const right = keys[child + 1] as number
        if (right < least || (right === least && (values[child + 1] as number) < (values[child] as number))) {
          child++
          least = right
        }
      }
      if (least > key || (least === key && (values[child] as number) >= value)) break
      keys[at] = least
      values[at] = values[child] as number
      at = child
    }
    keys[at] = key
    values[at] = value
  }
}
