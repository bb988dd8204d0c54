/** How rows are scored: `exact` all of them in full, the others a shortlist that a cheaper scan found. */
export const SCORINGS = ['exact', 'int8', 'binary', 'funnel'] as const

/** One of {@link SCORINGS}. */
export type Scoring = (typeof SCORINGS)[number]

/** What two vectors are compared by. */
export type IndexSimilarity = 'cosine' | 'dot'
