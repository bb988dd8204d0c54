export { createIndex } from './index/create-index.js'
export type { CreateIndexOptions } from './index/index-options.js'
export type { SearchChunkOptions, SearchEmbedder, SearchEncodeOptions } from './index/search-embedder.js'
export type {
  AddOptions,
  ChangeOptions,
  IndexDocument,
  IndexStats,
  QueryVector,
  SearchIndex,
  SearchQuery,
} from './index/search-index.js'
export type { MetadataFilter, SearchHit, SearchOptions, SearchPassage } from './index/search-options.js'
export type { IndexSimilarity, Scoring } from './wire/scoring.js'
export type { DocumentPair, IndexPrecision, Metadata, MetadataValue, SearchMode } from './wire/protocol.js'
export { communityDetection, type CommunityDetectionOptions } from './mining/community-detection.js'
export { paraphraseMining, type MinedTextOptions, type MiningEmbedder } from './mining/mine-sentences.js'
export { paraphraseMiningEmbeddings, type ParaphraseMiningOptions } from './mining/paraphrase-mining.js'
export { semanticSearch, type CorpusHit, type SemanticSearchOptions } from './mining/semantic-search.js'
export type { FloatRows } from '@nestling/kit/math/float-rows'
export type { ScoredPair } from '@nestling/kit/math/paraphrase-pairs'
export { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
export type { LongWorkOptions } from './mining/slices.js'
export { createKeywordIndex } from './keywords/create-keyword-index.js'
export type { DocumentId, Hit, KeywordDocument, KeywordIndex } from './keywords/keyword-index.js'
export { candidatesToFuse, fuseByReciprocalRank, type FuseOptions } from './fuse/reciprocal-rank.js'
export { oramaVectorQuery, toOramaDocuments, type OramaQueryOptions, type OramaVectorQuery } from './adapters/orama.js'
export {
  createPgvectorTable,
  putPgvector,
  searchPgvector,
  type PgDatabase,
  type PgQueries,
  type PgRows,
  type PgSearchOptions,
} from './adapters/pgvector.js'
