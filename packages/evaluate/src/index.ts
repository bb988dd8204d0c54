export {
  EmbeddingSimilarityEvaluator,
  type EmbeddingSimilarityOptions,
} from './evaluators/embedding-similarity-evaluator.js'
export { InformationRetrievalEvaluator } from './evaluators/information-retrieval-evaluator.js'
export type { InformationRetrievalOptions } from './evaluators/information-retrieval-options.js'
export { TripletEvaluator, type TripletOptions } from './evaluators/triplet-evaluator.js'
export {
  BinaryClassificationEvaluator,
  type BinaryClassificationOptions,
} from './evaluators/binary-classification-evaluator.js'
export {
  ParaphraseMiningEvaluator,
  type ParaphraseMiningEvaluatorOptions,
} from './evaluators/paraphrase-mining-evaluator.js'
export { matryoshkaTable, type MatryoshkaTableOptions } from './evaluators/matryoshka-table.js'
export type { Evaluation, EvaluateOptions, Evaluator } from './evaluators/evaluator.js'
export type { ById } from './evaluators/id-map.js'
export type { SharedOptions } from './evaluators/shared-options.js'
export type { EncodedRows, EncodeTexts, EvaluableEmbedder, EvaluationEncodeOptions } from './run/evaluable-embedder.js'
export type { EvaluationProgress, EvaluationProgressListener } from './run/progress-meter.js'
export { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
export { evaluationsToCsv } from './report/evaluations-to-csv.js'
export { evaluationsToJson } from './report/evaluations-to-json.js'
export { evaluationsToMarkdown } from './report/evaluations-to-markdown.js'
export { averagePrecision } from './metrics/average-precision.js'
export {
  findBestAccAndThreshold,
  findBestF1AndThreshold,
  type BestAccuracy,
  type BestF1,
} from './metrics/best-thresholds.js'
export { matthewsCorrcoef } from './metrics/matthews-corrcoef.js'
export { pearson } from './metrics/pearson.js'
export { accuracyAtK, mapAtK, mrrAtK, ndcgAtK, precisionAtK, recallAtK } from './metrics/ranking.js'
export { spearman } from './metrics/spearman.js'
