export { createIndex } from './client/create-index.js'
export type { CreateIndexOptions } from './client/index-options.js'
export type { SearchChunkOptions, SearchEmbedder, SearchEncodeOptions } from './client/search-embedder.js'
export type {
  AddOptions,
  ChangeOptions,
  FacetOptions,
  ImportOptions,
  IndexDocument,
  IndexStats,
  QueryVector,
  SearchIndex,
  SearchQuery,
  StoredDocument,
} from './client/search-index.js'
export type {
  FilterValue,
  MetadataConditions,
  MetadataFilter,
  ValueConditions,
} from './client/reading/metadata-filter.js'
export type { HitMatches, SearchHit, SearchOptions, SearchPassage } from './client/search-options.js'
export type { Fusion, HitParts } from './wire/fusion.js'
export type { KeywordField } from './wire/keyword-field.js'
export type { IndexSimilarity, Scoring } from './wire/scoring.js'
export type {
  DocumentPair,
  IndexPrecision,
  Metadata,
  MetadataOf,
  MetadataValue,
  SearchMode,
  WordMatch,
  UpdateCounts,
  ValueCounts,
} from './wire/protocol.js'
export { communityDetection, paraphraseMining, paraphraseMiningEmbeddings, semanticSearch } from './mining/on-demand.js'
export type { CommunityDetectionOptions } from './mining/community-detection.js'
export type { MinedTextOptions, MiningEmbedder } from './mining/mine-sentences.js'
export type { ParaphraseMiningOptions } from './mining/paraphrase-mining.js'
export type { CorpusHit, SemanticSearchOptions } from './mining/semantic-search.js'
export type { FloatRows } from '@nestling/kit/math/float-rows'
export type { ScoredPair } from '@nestling/kit/math/paraphrase-pairs'
export { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
export type { LongWorkOptions } from './mining/slices.js'
export { createKeywordIndex } from './keywords/create-keyword-index.js'
export type {
  Hit,
  KeywordDocument,
  KeywordIndex,
  KeywordIndexOptions,
  KeywordScores,
} from './keywords/keyword-index.js'
export type { MatchSpan } from '@nestling/kit/words/match-spans'
export type { DocumentId } from './wire/document-id.js'
export { fuseByScores, type FusedHit, type FuseByScoresOptions, type ScoredLists } from './fuse/by-scores.js'
export { dequantizeRows, quantizeRows, type QuantizedRows } from './quantize/quantize-rows.js'
export { candidatesToFuse, fuseByReciprocalRank, type FuseOptions } from './fuse/reciprocal-rank.js'
