import type { Steps } from '../run/steps.js'

/** Ids between two stops: about 0.5 ms. */
const STEP_SIZE = 10_000

/** Which texts are duplicates of which, in both directions. */
export class DuplicateGraph {
  readonly #neighbours = new Map<string, Set<string>>()

  /**
   * Says that two texts are duplicates.
   *
   * @param a - Id of one.
   * @param b - Id of the other.
   */
  add(a: string, b: string): void {
    this.#of(a).add(b)
    this.#of(b).add(a)
  }

  /**
   * Tells whether two texts are duplicates.
   *
   * @param a - Id of one.
   * @param b - Id of the other.
   */
  has(a: string, b: string): boolean {
    return this.#neighbours.get(a)?.has(b) ?? false
  }

  /**
   * Makes all texts duplicates that are so by way of others.
   *
   * @see `ParaphraseMiningEvaluator.add_transitive_closure`
   */
  *closeSteps(): Steps<void> {
    const visited = new Set<string>()
    let work = 0
    for (const start of [...this.#neighbours.keys()]) {
      if (visited.has(start)) continue
      const group = this.#groupOf(start)
      for (const [place, a] of group.entries()) {
        visited.add(a)
        for (const b of group.slice(place + 1)) {
          this.add(a, b)
          if (++work % STEP_SIZE === 0) yield
        }
      }
    }
  }

  /**
   * Counts pairs of duplicates.
   *
   * @param known - Ids that count.
   * @returns Steps that end in their number.
   */
  *countSteps(known: { has: (id: string) => boolean }): Steps<number> {
    let count = 0
    let work = 0
    for (const [a, others] of this.#neighbours) {
      if (!known.has(a)) continue
      for (const b of others) {
        // Each pair stands here twice, a text that is its own duplicate once.
        if (known.has(b)) count += a === b ? 2 : 1
        if (++work % STEP_SIZE === 0) yield
      }
    }
    return count / 2
  }

  #groupOf(start: string): string[] {
    const group = new Set([start])
    // A set visits what is added while it is walked through.
    for (const id of group) for (const other of this.#of(id)) group.add(other)
    return [...group]
  }

  #of(id: string): Set<string> {
    const known = this.#neighbours.get(id)
    if (known !== undefined) return known
    const created = new Set<string>()
    this.#neighbours.set(id, created)
    return created
  }
}
