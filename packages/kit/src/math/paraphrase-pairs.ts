import type { FloatRows } from './float-rows.js'
import { NumberHeap } from './number-heap.js'
import { createRowScorer, rowsOfStep } from './row-scorer.js'
import type { SimilarityFunction } from './similarity-function.js'
import { TopScores } from './top-scores.js'

/** Two rows and how near they are. */
export interface ScoredPair {
  /** Higher means nearer. */
  readonly score: number
  /** The smaller index. */
  readonly i: number
  /** The larger one. */
  readonly j: number
}

/** Pairs between two stops: 0.2 ms with 300,000 pairs. */
const PAIRS_OF_STEP = 100

/** How pairs are looked for. */
export interface ParaphraseLimits {
  readonly similarity: SimilarityFunction
  /** Most pairs in all. */
  readonly maxPairs: number
  /** Most other rows that a row names. */
  readonly topK: number
}

/**
 * Finds the pairs of rows that are nearest, by comparing all with all: each once, the nearest first, of equal scores the smaller indices first.
 *
 * Where equal scores compete for the last places, the pairs stay that Python keeps. Which of equally near rows a row names is left open there.
 *
 * @see `sentence_transformers.util.paraphrase_mining_embeddings`
 */
export function* paraphrasePairsSteps(
  rows: FloatRows,
  limits: ParaphraseLimits,
  report: (share: number) => void,
): Generator<undefined, ScoredPair[], undefined> {
  const { count, dim } = rows
  const nearest = new BestPairs(limits.maxPairs, count)
  const score = createRowScorer(limits.similarity, rows, rows)
  const scores = new Float32Array(count)
  const step = rowsOfStep(dim)
  // One more, as the row finds itself; where many are equal to it, perhaps not.
  const named = Math.min(limits.topK + 1, count)
  for (let row = 0; row < count; row++) {
    const top = new TopScores(named, 'lowest')
    for (let start = 0; start < count; start += step) {
      const end = Math.min(start + step, count)
      score(row, start, end, scores)
      top.addAll(scores, start, end)
      yield
    }
    const others = top.drain().filter((other) => other !== row)
    for (const other of others.subarray(0, limits.topK)) nearest.add(scores[other] as number, row, other)
    report((row + 1) / count)
  }
  return yield* nearest.drainSteps()
}

/** Keeps the best pairs, each once. */
class BestPairs {
  readonly #limit: number
  readonly #rowCount: number
  /** Scores, with `i * rowCount + j` of each: ordered as Python orders tuples. */
  readonly #heap = new NumberHeap()
  readonly #known = new Set<number>()
  #minScore = -Infinity

  constructor(limit: number, rowCount: number) {
    this.#limit = limit
    this.#rowCount = rowCount
  }

  add(score: number, a: number, b: number): void {
    if (score <= this.#minScore) return
    const pair = Math.min(a, b) * this.#rowCount + Math.max(a, b)
    if (this.#known.has(pair)) return
    const heap = this.#heap
    if (heap.size < this.#limit) {
      heap.push(score, pair)
    } else {
      const { leastKey, leastValue } = heap
      // Python looks at no more pairs of the score of one that had to go, though they might come after it.
      this.#minScore = Math.min(score, leastKey)
      if (score < leastKey || (score === leastKey && pair < leastValue)) return
      heap.replace(score, pair)
      this.#known.delete(leastValue)
    }
    this.#known.add(pair)
  }

  /** Takes all out, the nearest first, of equal scores the smaller indices. */
  *drainSteps(): Generator<undefined, ScoredPair[], undefined> {
    const { size } = this.#heap
    const scores = new Float64Array(size)
    const pairs = new Float64Array(size)
    for (let place = size - 1; place >= 0; place--) {
      scores[place] = this.#heap.leastKey
      pairs[place] = this.#heap.leastValue
      this.#heap.pop()
      if (place % PAIRS_OF_STEP === 0) yield
    }
    const drained: ScoredPair[] = []
    for (let start = 0, end = 0; start < size; start = end) {
      while (end < size && scores[end] === scores[start]) end++
      for (let place = end - 1; place >= start; place--) {
        drained.push(this.#pairOf(scores[place] as number, pairs[place] as number))
        if (drained.length % PAIRS_OF_STEP === 0) yield
      }
    }
    return drained
  }

  #pairOf(score: number, pair: number): ScoredPair {
    const i = Math.floor(pair / this.#rowCount)
    return { score, i, j: pair - i * this.#rowCount }
  }
}
