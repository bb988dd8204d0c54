/** The similarity functions of sentence-transformers, by their names there. */
export const SIMILARITY_FN_NAMES = ['cosine', 'dot', 'euclidean', 'manhattan'] as const

/** One of {@link SIMILARITY_FN_NAMES}. */
export type SimilarityFnName = (typeof SIMILARITY_FN_NAMES)[number]
