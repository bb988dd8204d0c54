/** How a hybrid search puts vectors and words together; see `fuseByScores` and `fuseByReciprocalRank`. */
export type Fusion =
  | {
      /** By scores: similarities, stretched, and BM25 as a share of the most that the query could score. */
      readonly kind: 'scores'
      /**
       * Share of the vectors, from 0 to 1; words have the rest.
       *
       * @defaultValue 0.5
       */
      readonly weight?: number | undefined
    }
  | {
      /** By the places that documents have in both lists. */
      readonly kind: 'ranks'
      /**
       * How little the first places count more than those behind them.
       *
       * @defaultValue 60
       */
      readonly k?: number | undefined
    }

/** What the score of a hybrid search was made of, before it was weighted. */
export interface HitParts {
  /** Of the words: their share of the most that the query could score, from 0 to 1; with `ranks`, `1 / (k + rank)`. */
  readonly words: number
  /** Of the vectors: 1 for the nearest of all documents, 0 for the farthest; with `ranks`, `1 / (k + rank)`. */
  readonly vectors: number
}
