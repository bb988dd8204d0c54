import { checkKeys, checkOneOf, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { BinaryHeap } from './binary-heap.js'
import { checkRows, type Rows } from './rows.js'
import { createRowScorer, SCORE_FUNCTIONS, type ScoreFunction } from './score-function.js'
import { checkLongWork } from './semantic-search.js'
import { rowsOfStep, Slices, type LongWorkOptions } from './slices.js'
import { TopHits } from './top-hits.js'

/** Two rows and how near they are. */
export interface ScoredPair {
  /** Higher means nearer. */
  readonly score: number
  /** The smaller index. */
  readonly i: number
  /** The larger one. */
  readonly j: number
}

/** Options of {@link paraphraseMiningEmbeddings}. */
export interface ParaphraseMiningOptions extends LongWorkOptions {
  /**
   * Bounds the pairs. Python's count has each pair twice where both rows name each other, and stops one before: half of this number can come
   * back. Equal results are worth more than a better count.
   *
   * @defaultValue 500000
   */
  readonly maxPairs?: number | undefined
  /**
   * Most other rows that a row names, of each part of the corpus.
   *
   * @defaultValue 100
   */
  readonly topK?: number | undefined
  /**
   * What to compare with. Pairs of a score of -1 or less are dropped, as in Python.
   *
   * @defaultValue 'cosine'
   */
  readonly scoreFunction?: ScoreFunction | undefined
  /**
   * Rows of a part of the corpus; each row names its `topK` in every part.
   *
   * @defaultValue 100000
   */
  readonly corpusChunkSize?: number | undefined
  /**
   * Bounds memory in Python. Accepted, so that calls can be carried over; it changes no result, there or here.
   *
   * @defaultValue 5000
   */
  readonly queryChunkSize?: number | undefined
}

const WHAT = 'mine paraphrases'

const KNOWN_KEYS: KnownKeys<ParaphraseMiningOptions> = {
  maxPairs: true,
  topK: true,
  scoreFunction: true,
  corpusChunkSize: true,
  queryChunkSize: true,
  pause: true,
  signal: true,
  onProgress: true,
}

/** Pairs between two looks at the clock: 0.9 ms with 300,000 pairs on a busy machine. */
const PAIRS_OF_STEP = 100

/**
 * Finds the pairs of rows that are nearest, by comparing all with all.
 *
 * @param embeddings - Rows: `[count, dim]`.
 * @param options - How many pairs.
 * @returns Pairs, the nearest first, each once.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is not a positive integer.
 * @see `sentence_transformers.util.paraphrase_mining_embeddings`
 */
export async function paraphraseMiningEmbeddings(
  embeddings: Rows,
  options: ParaphraseMiningOptions = {},
): Promise<ScoredPair[]> {
  checkKeys(WHAT, options, KNOWN_KEYS)
  checkRows(WHAT, 'embeddings', embeddings)
  checkPositiveInteger(WHAT, 'queryChunkSize', options.queryChunkSize)
  const chunk = checkPositiveInteger(WHAT, 'corpusChunkSize', options.corpusChunkSize) ?? 100_000
  const maxPairs = checkPositiveInteger(WHAT, 'maxPairs', options.maxPairs) ?? 500_000
  // A row is the nearest to itself.
  const topK = (checkPositiveInteger(WHAT, 'topK', options.topK) ?? 100) + 1
  const scoreFunction = checkOneOf(WHAT, 'scoreFunction', options.scoreFunction, SCORE_FUNCTIONS) ?? 'cosine'
  checkLongWork(WHAT, options)

  const slices = new Slices(options)
  const score = createRowScorer(scoreFunction, embeddings, embeddings)
  const { count, dim } = embeddings
  const scores = new Float32Array(count)
  const step = rowsOfStep(dim)
  const pairs = new DirectedPairs(maxPairs)
  for (let chunkStart = 0; chunkStart < count; chunkStart += chunk) {
    const chunkEnd = Math.min(chunkStart + chunk, count)
    for (let i = 0; i < count; i++) {
      const top = new TopHits(topK)
      for (let start = chunkStart; start < chunkEnd; start += step) {
        const end = Math.min(start + step, chunkEnd)
        score(i, start, end, scores)
        top.add(scores, start, end)
        if (slices.isOver) await slices.rest()
      }
      for (const { corpusId: j, score } of top.drain()) pairs.add(score, i, j)
      slices.tell((chunkStart * count + (i + 1) * (chunkEnd - chunkStart)) / (count * count))
    }
  }
  const found = await pairs.drain(count, slices)
  slices.finish()
  return found
}

/** The pairs as rows name them, so that two rows can make two. */
class DirectedPairs {
  readonly #heap = new BinaryHeap<ScoredPair>(isTupleBefore)
  readonly #limit: number
  #added = 0
  #minScore = -1

  constructor(limit: number) {
    this.#limit = limit
  }

  add(score: number, i: number, j: number): void {
    if (i === j || score <= this.#minScore) return
    this.#added++
    if (this.#added < this.#limit) this.#heap.push({ score, i, j })
    else this.#minScore = this.#heap.pushPop({ score, i, j }).score
  }

  /** The nearest first, of equal scores the smaller indices, as Python's stable sort leaves them. */
  async drain(count: number, slices: Slices): Promise<ScoredPair[]> {
    const known = new Set<number>()
    const ascending: ScoredPair[] = []
    for (let pair = this.#heap.pop(); pair !== undefined; pair = this.#heap.pop()) {
      const [i, j] = [Math.min(pair.i, pair.j), Math.max(pair.i, pair.j)]
      const key = i * count + j
      if (!known.has(key)) {
        known.add(key)
        ascending.push({ score: pair.score, i, j })
      }
      if (this.#heap.size % PAIRS_OF_STEP === 0 && slices.isOver) await slices.rest()
    }
    return reverseGroups(ascending)
  }
}

/** Turns the order of scores around and keeps that of equal ones. */
function reverseGroups(ascending: readonly ScoredPair[]): ScoredPair[] {
  const descending: ScoredPair[] = []
  for (let end = ascending.length; end > 0;) {
    let start = end - 1
    while (start > 0 && ascending[start - 1]?.score === ascending[end - 1]?.score) start--
    for (let place = start; place < end; place++) descending.push(ascending[place] as ScoredPair)
    end = start
  }
  return descending
}

/** As Python compares tuples of score, i and j. */
function isTupleBefore(a: ScoredPair, b: ScoredPair): boolean {
  if (a.score !== b.score) return a.score < b.score
  return a.i !== b.i ? a.i < b.i : a.j < b.j
}
