/** Keeps elements so that the first of them can be taken at any time. */
export class BinaryHeap<T> {
  readonly #elements: T[] = []
  readonly #isBefore: (a: T, b: T) => boolean

  /**
   * Starts empty.
   *
   * @param isBefore - Whether the first comes before the second; never both ways for two elements.
   */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore
  }

  /** Number of elements. */
  get size(): number {
    return this.#elements.length
  }

  /** The first; `undefined` when there is none. */
  get first(): T | undefined {
    return this.#elements[0]
  }

  /**
   * Adds an element.
   *
   * @param element - The element.
   */
  push(element: T): void {
    const elements = this.#elements
    let place = elements.length
    elements.push(element)
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = elements[parent] as T
      if (!this.#isBefore(element, above)) break
      elements[place] = above
      place = parent
    }
    elements[place] = element
  }

  /**
   * Takes the first element out.
   *
   * @returns It; `undefined` when there is none.
   */
  pop(): T | undefined {
    const first = this.#elements[0]
    const last = this.#elements.pop()
    if (this.#elements.length > 0) this.#sink(last as T)
    return first
  }

  /**
   * Adds an element and takes the first out, which may be the same.
   *
   * @param element - The element to add.
   * @returns The one taken out.
   */
  pushPop(element: T): T {
    const first = this.#elements[0]
    if (first === undefined || this.#isBefore(element, first)) return element
    this.#sink(element)
    return first
  }

  /** Puts an element in the place of the first. */
  #sink(element: T): void {
    const elements = this.#elements
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= elements.length) break
      const right = child + 1
      if (right < elements.length && this.#isBefore(elements[right] as T, elements[child] as T)) child = right
      if (!this.#isBefore(elements[child] as T, element)) break
      elements[place] = elements[child] as T
      place = child
    }
    elements[place] = element
  }
}
