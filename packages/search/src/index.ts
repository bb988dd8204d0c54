export { communityDetection, type CommunityDetectionOptions } from './mining/community-detection.js'
export { paraphraseMining, type MinedTextOptions, type MiningEmbedder } from './mining/mine-sentences.js'
export {
  paraphraseMiningEmbeddings,
  type ParaphraseMiningOptions,
  type ScoredPair,
} from './mining/paraphrase-mining.js'
export type { Rows } from './mining/rows.js'
export { SCORE_FUNCTIONS, type ScoreFunction } from './mining/score-function.js'
export { semanticSearch, type SemanticSearchOptions } from './mining/semantic-search.js'
export type { LongWorkOptions } from './mining/slices.js'
export type { CorpusHit } from './mining/top-hits.js'
export {
  createKeywordIndex,
  type DocumentId,
  type Hit,
  type KeywordDocument,
  type KeywordIndex,
} from './keywords/keyword-index.js'
export { candidatesToFuse, fuseByReciprocalRank, type FuseOptions } from './fuse/reciprocal-rank.js'
