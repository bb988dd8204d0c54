import { sortedIndicesSteps } from '../run/sorted-indices.js'
import type { Steps } from '../run/steps.js'
import { PairHeap, type ScoredPair } from './pair-heap.js'
import type { Rows } from './rows.js'
import { rowScorerSteps } from './similarity.js'
import { topResults } from './top-results.js'

/** How many pairs are looked for. */
export interface ParaphraseLimits {
  /** Most pairs in all. */
  readonly maxPairs: number
  /** Most pairs that one row contributes. */
  readonly topK: number
}

/**
 * Finds the pairs of rows with the highest cosine.
 *
 * @param rows - Rows.
 * @param limits - How many pairs.
 * @param report - Told the share that is done.
 * @returns Steps that end in pairs, the most similar first.
 * @see `sentence_transformers.util.paraphrase_mining_embeddings`
 */
export function* paraphrasePairsSteps(
  rows: Rows,
  limits: ParaphraseLimits,
  report: (share: number) => void,
): Steps<readonly ScoredPair[]> {
  const heap = new PairHeap(limits.maxPairs, rows.count)
  const scoresOf = yield* rowScorerSteps('cosine', rows, rows)
  for (let row = 0; row < rows.count; row++) {
    const scores = yield* scoresOf(row)
    // One more, as the row finds itself; where many are equal to it, perhaps not.
    const best = topResults(rows.count, limits.topK + 1, (a, b) => {
      const [left, right] = [scores[a] as number, scores[b] as number]
      return left > right || (left === right && a < b)
    })
    const others = best.filter((other) => other !== row).slice(0, limits.topK)
    for (const other of others) heap.add(scores[other] as number, row, other)
    report((row + 1) / rows.count)
    yield
  }
  const { pairs } = heap
  const at = (index: number): number => (pairs[index] as ScoredPair).score
  const order = yield* sortedIndicesSteps(pairs.length, (a, b) => at(b) - at(a))
  return Array.from(order, (index) => pairs[index] as ScoredPair)
}
