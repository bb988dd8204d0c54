import type { communityDetection as communityDetectionNow } from './community-detection.js'
import type { paraphraseMining as paraphraseMiningNow } from './mine-sentences.js'
import type { paraphraseMiningEmbeddings as paraphraseMiningEmbeddingsNow } from './paraphrase-mining.js'
import type { semanticSearch as semanticSearchNow } from './semantic-search.js'

// A fifth of what a page loads for an index, and most pages never call them: each comes with its first call.

/** Finds groups of rows that are near to one of them. */
export const communityDetection: typeof communityDetectionNow = async (...given) =>
  (await import('./community-detection.js')).communityDetection(...given)

/** Finds the sentences that say nearly the same, by comparing all with all. */
export const paraphraseMining: typeof paraphraseMiningNow = async (...given) =>
  (await import('./mine-sentences.js')).paraphraseMining(...given)

/** Finds the rows that are nearest to each other, by comparing all with all. */
export const paraphraseMiningEmbeddings: typeof paraphraseMiningEmbeddingsNow = async (...given) =>
  (await import('./paraphrase-mining.js')).paraphraseMiningEmbeddings(...given)

/** Finds the rows of a corpus that are nearest to each query, by comparing with all of them. */
export const semanticSearch: typeof semanticSearchNow = async (...given) =>
  (await import('./semantic-search.js')).semanticSearch(...given)
