export { load } from './client/load.js'
export { isSupported, plan, type LoadPlan, type Support } from './client/plan.js'
export type { AnyEmbeddings, Embedder, EmbedderReport, TokenizedText } from './client/embedder.js'
export type { CacheOptions, EmbeddingCacheOptions } from './client/cache-options.js'
export type { ChunkOptions, TextChunk } from './client/chunk.js'
export type { EncodeOptions } from './client/encode-options.js'
export { embeddingCache, type ClearEmbeddingsOptions, type EmbeddingCacheStore } from './client/embedding-cache.js'
export type { ChunkOfText, EncodeChunksOptions, EncodedChunks } from './client/encode-chunks.js'
export type { EncodedPart, EncodedStream } from './client/encode-stream.js'
export { latest } from './client/latest.js'
export type { LoadOptions } from './client/load-options.js'
export type { ModelFileContent, ModelFiles } from './client/local-files.js'
export type { ModelSource } from './client/model-source.js'
export type { ModelFile, ModelPackage } from './model/model-package.js'
export { quantizeEmbeddings } from './client/quantize-embeddings.js'
export { Embeddings, type EmbeddingsClone, type EmbeddingSpace, type TextTokens } from './math/embeddings.js'
export { Matrix, type AnyMatrix, type Shape } from './math/matrix.js'
export type { Precision, PrecisionData } from './math/precision.js'
export type { QuantizeOptions } from './math/quantize.js'
export type { CacheReport, DeviceProbe, Verification, WebGpuProbe } from './wire/load-report.js'
export type { SimilarityFunction } from './math/similarity.js'
export type { Device, Dtype, EngineName, OnTruncate, Priority, RuntimeName } from './wire/protocol.js'
export {
  EmbedderError,
  isEmbedderError,
  type EmbedderErrorCode,
  type EmbedderErrorOptions,
  type ErrorDetails,
} from './wire/embedder-error.js'
export type { EmbeddingCheck, EmbeddingContents, StoredSpace } from './store/embedding-contents.js'
export type { EmbedderStats, EmbeddingStats } from './wire/embedder-stats.js'
export type { ProgressEvent, ProgressListener } from './wire/progress.js'
export type { EmbedderWarning, WarningKind, WarningListener } from './wire/warning.js'
