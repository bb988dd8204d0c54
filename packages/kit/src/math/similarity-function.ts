/** The similarity functions of sentence-transformers, by their names there. Higher always means nearer: distances are negative. */
export const SIMILARITY_FUNCTIONS = ['cosine', 'dot', 'euclidean', 'manhattan'] as const

/**
 * One of {@link SIMILARITY_FUNCTIONS}.
 *
 * @see `sentence_transformers.SimilarityFunction`
 */
export type SimilarityFunction = (typeof SIMILARITY_FUNCTIONS)[number]
