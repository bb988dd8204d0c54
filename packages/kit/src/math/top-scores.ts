import { NumberHeap } from './number-heap.js'

/** Keeps the indices with the highest scores. */
export class TopScores {
  readonly #heap = new NumberHeap()
  readonly #capacity: number
  /** Turns an index into a number that is larger where it stays, and back: all bits of -1 are 1. */
  readonly #mask: 0 | -1
  /** Lower scores do not get in; minus infinity while there is room. */
  threshold: number = -Infinity

  /** Starts empty, with room for at least one. `stays` says which of the indices of equal score does. */
  constructor(capacity: number, stays: 'lowest' | 'highest') {
    this.#capacity = capacity
    this.#mask = stays === 'highest' ? 0 : -1
  }

  /** Whether there is no room left. */
  get isFull(): boolean {
    return this.#heap.size === this.#capacity
  }

  /** Looks at an index. */
  add(index: number, score: number): void {
    const heap = this.#heap
    const value = index ^ this.#mask
    if (heap.size < this.#capacity) {
      heap.push(score, value)
    } else if (score > this.threshold || (score === this.threshold && value > heap.leastValue)) {
      heap.replace(score, value)
    }
    if (heap.size === this.#capacity) this.threshold = heap.leastKey
  }

  /** Looks at all indices from `start` to `end`. What is not a number has no place in an order. */
  addAll(scores: Float32Array, start: number, end: number): void {
    for (let index = start; index < end; index++) {
      const score = scores[index] as number
      // Most are worse than the worst that is kept, and cost one comparison.
      if (score >= this.threshold) this.add(index, score)
    }
  }

  /** The indices in no order. */
  indices(): Int32Array {
    const { values } = this.#heap
    const indices = new Int32Array(values.length)
    for (let place = 0; place < indices.length; place++) indices[place] = (values[place] as number) ^ this.#mask
    return indices
  }

  /** Takes all out, the highest score first, and of equal scores what would stay longest. */
  drain(): Int32Array {
    const heap = this.#heap
    const indices = new Int32Array(heap.size)
    for (let place = heap.size - 1; place >= 0; place--) {
      indices[place] = heap.leastValue ^ this.#mask
      heap.pop()
    }
    return indices
  }
}
