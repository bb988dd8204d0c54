import type { IndexSimilarity, Scoring } from '../wire/scoring.js'

/** A search among rows. */
export interface RowQuery {
  readonly vector: Float32Array
  readonly similarity: IndexSimilarity
  readonly scoring: Scoring
  /** Which document a row is of, -1 for rows that are free. */
  readonly owners: Int32Array
  /** 1 for documents that may be found; all where it is left out. */
  readonly allowed: Uint8Array | undefined
}

/** A row and its score in float64, as all final scores are. */
export interface ScoredRow {
  readonly row: number
  readonly score: number
}
