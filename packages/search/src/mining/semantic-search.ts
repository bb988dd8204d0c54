import type { FloatRows } from '@nestling/kit/math/float-rows'
import { createRowScorer, rowsOfStep } from '@nestling/kit/math/row-scorer'
import { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { TopScores } from '@nestling/kit/math/top-scores'
import {
  checkKeys,
  checkOneOf,
  checkPositiveInteger,
  checkSignal,
  checkType,
  type KnownKeys,
} from '@nestling/kit/options/check-options'
import { checkSides } from './check-float-rows.js'
import { Slices, type LongWorkOptions } from './slices.js'

/** A row that was found. */
export interface CorpusHit {
  /** Index of the row in the corpus. */
  readonly corpusId: number
  /** How near it is; higher means nearer. */
  readonly score: number
}

/** Options of {@link semanticSearch}. */
export interface SemanticSearchOptions extends LongWorkOptions {
  /**
   * Most rows to find for a query.
   *
   * @defaultValue 10
   */
  readonly topK?: number | undefined
  /**
   * What to compare with.
   *
   * @defaultValue 'cosine'
   */
  readonly scoreFunction?: SimilarityFunction | undefined
  /**
   * Bounds memory in Python, where it is the number of queries in one matrix of scores. Accepted, so that calls can be carried over;
   * nothing here holds such a matrix, and the results are the same in both.
   *
   * @defaultValue 100
   */
  readonly queryChunkSize?: number | undefined
  /**
   * The same for rows of the corpus.
   *
   * @defaultValue 500000
   */
  readonly corpusChunkSize?: number | undefined
}

const WHAT = 'search'

const KNOWN_KEYS: KnownKeys<SemanticSearchOptions> = {
  topK: true,
  scoreFunction: true,
  queryChunkSize: true,
  corpusChunkSize: true,
  pause: true,
  signal: true,
  onProgress: true,
}

/**
 * Finds the rows of a corpus that are nearest to each query, by comparing with all of them.
 *
 * @param queryEmbeddings - Queries: `[queries, dim]`.
 * @param corpusEmbeddings - What to search in: `[rows, dim]`.
 * @param options - How many, and what to compare with.
 * @returns A list for each query, the nearest first; shorter than `topK` where the corpus is. Of equal scores the smaller `corpusId` comes
 *   first, and the larger one stays where not all of them fit, as in Python.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If the dims differ or a number is not a positive integer.
 * @see `sentence_transformers.util.semantic_search`
 */
export async function semanticSearch(
  queryEmbeddings: FloatRows,
  corpusEmbeddings: FloatRows,
  options: SemanticSearchOptions = {},
): Promise<CorpusHit[][]> {
  checkKeys(WHAT, options, KNOWN_KEYS)
  checkSides(WHAT, queryEmbeddings, corpusEmbeddings)
  for (const name of ['queryChunkSize', 'corpusChunkSize'] as const) checkPositiveInteger(WHAT, name, options[name])
  const topK = checkPositiveInteger(WHAT, 'topK', options.topK) ?? 10
  const scoreFunction = checkOneOf(WHAT, 'scoreFunction', options.scoreFunction, SIMILARITY_FUNCTIONS) ?? 'cosine'
  checkLongWork(WHAT, options)

  const slices = new Slices(options)
  const score = createRowScorer(scoreFunction, queryEmbeddings, corpusEmbeddings)
  const { count, dim } = corpusEmbeddings
  const scores = new Float32Array(count)
  const step = rowsOfStep(dim)
  const found: CorpusHit[][] = []
  for (let query = 0; query < queryEmbeddings.count; query++) {
    const top = new TopScores(topK, 'highest')
    for (let start = 0; start < count; start += step) {
      const end = Math.min(start + step, count)
      score(query, start, end, scores)
      top.addAll(scores, start, end)
      if (slices.isOver) await slices.rest()
    }
    found.push(hitsOf(top, scores))
    slices.tell((query + 1) / queryEmbeddings.count)
  }
  slices.finish()
  return found
}

/** Python's heap compares tuples, so that the larger index stays; its sort is stable, so that the smaller one comes first. */
function hitsOf(top: TopScores, scores: Float32Array): CorpusHit[] {
  const hits = Array.from(top.drain(), (corpusId) => ({ corpusId, score: scores[corpusId] as number }))
  return hits.sort((a, b) => b.score - a.score || a.corpusId - b.corpusId)
}

/**
 * Checks what every long call takes.
 *
 * @param what - The call, for the message.
 * @param options - What the caller gave.
 * @throws {TypeError} If one is of the wrong type.
 */
export function checkLongWork(what: string, { pause, signal, onProgress }: LongWorkOptions): void {
  checkType(what, 'pause', pause, 'function')
  checkType(what, 'onProgress', onProgress, 'function')
  checkSignal(what, signal)
}
