import type { FloatRows } from '@nestling/kit/math/float-rows'
import { createRowScorer } from '@nestling/kit/math/row-scorer'
import { Slices, type LongWorkOptions } from '../mining/slices.js'
import { NearRows } from '../score/near-rows.js'

/** Rows that are compared with all before: their heads stay in the cache meanwhile. */
const BLOCK_ROWS = 1024

/** Pairs that are kept beside those that are wanted, before the worst of them are dropped. */
const SPARE_PAIRS = 512

/** Two rows of two owners. */
interface RowPair {
  readonly score: number
  readonly i: number
  readonly j: number
}

/** What pairs are looked for in. */
export interface OwnedRows {
  readonly rows: FloatRows
  /** Whose each row is: a number. Rows of one owner are no pair. */
  readonly owners: Int32Array
}

/**
 * Finds the owners that are nearest to each other, by the cosine of their nearest rows. All rows are compared with all, but most by a part of
 * their int8 levels alone: what these say has bounds, and only what may be among the nearest is computed in float64.
 *
 * @param module - The kernels, compiled.
 * @param count - How many pairs.
 * @returns The nearest rows of each pair of owners, the nearest pair first; of equal scores the smaller rows first.
 */
export async function nearestPairs(
  module: WebAssembly.Module,
  { rows, owners }: OwnedRows,
  count: number,
  options: LongWorkOptions,
): Promise<readonly RowPair[]> {
  const slices = new Slices(options)
  const near = new NearRows(module, rows)
  const best = new BestPairs(count, owners)
  const score = createRowScorer('cosine', rows, rows)
  const scores = new Float32Array(rows.count)
  for (let first = 0; first < rows.count; first += BLOCK_ROWS) {
    const end = Math.min(first + BLOCK_ROWS, rows.count)
    for (let row = 0; row < end; row++) {
      for (const other of near.of(row, Math.max(first, row + 1), end, best.least)) {
        if (owners[row] === owners[other]) continue
        score(row, other, other + 1, scores)
        best.add({ score: scores[other] as number, i: row, j: other })
      }
      if (slices.isOver) await slices.rest()
    }
    slices.tell((end / rows.count) ** 2)
  }
  slices.finish()
  return best.all()
}

/** Keeps the best pair of each two owners, as many as are wanted. */
class BestPairs {
  readonly #count: number
  readonly #owners: Int32Array
  #pairs: RowPair[] = []
  /** Pairs of lower scores are not wanted any more. */
  least: number = -Infinity

  constructor(count: number, owners: Int32Array) {
    this.#count = count
    this.#owners = owners
  }

  add(pair: RowPair): void {
    if (!(pair.score >= this.least)) return
    this.#pairs.push(pair)
    if (this.#pairs.length >= 2 * this.#count + SPARE_PAIRS) this.#sweep()
  }

  all(): readonly RowPair[] {
    this.#sweep()
    return this.#pairs
  }

  #sweep(): void {
    const known = new Map<number, Set<number>>()
    const kept: RowPair[] = []
    for (const pair of this.#pairs.sort((a, b) => b.score - a.score || a.i - b.i || a.j - b.j)) {
      const [a, b] = [this.#owners[pair.i] as number, this.#owners[pair.j] as number]
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      const others = known.get(low) ?? new Set()
      known.set(low, others)
      if (others.has(high)) continue
      others.add(high)
      if (kept.push(pair) === this.#count) break
    }
    this.#pairs = kept
    if (kept.length === this.#count) this.least = kept.at(-1)?.score ?? -Infinity
  }
}
