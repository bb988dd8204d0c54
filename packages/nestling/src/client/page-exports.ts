// What the entries `nestling` and `nestling/kernels` have in common, a hand-written list: each adds its own `load` and `plan`.
export { isSupported, type Support } from './plan.js'
export type { LoadPlan } from './plan-load.js'
export type { AnyEmbeddings, Embedder, EmbedderReport, TokenizedText } from './embedder.js'
export type { CacheOptions, EmbeddingCacheOptions } from './cache-options.js'
export type { ChunkOptions, TextChunk } from './chunk.js'
export type { EncodeOptions } from './encode-options.js'
export { embeddingCache, type ClearEmbeddingsOptions, type EmbeddingCacheStore } from './embedding-cache.js'
export type { ChunkOfText, EncodeChunksOptions, EncodedChunks } from './encode-chunks.js'
export type { EncodedPart, EncodedStream } from './encode-stream.js'
export { latest } from './latest.js'
export type { LoadOptions } from './load-options.js'
export type { ModelFileContent, ModelFiles } from './local-files.js'
export type { ModelSource } from './model-source.js'
export { modelFromAssets } from './model-from-assets.js'
export { modelCache } from './lazy-model-cache.js'
export type { ModelCache, ModelCacheOptions } from './model-cache.js'
export type { CachedFile, CachedModel } from '../store/cached-model.js'
export type { CacheVerification, ModelVerification } from '../store/verify-models.js'
export type { ModelFile, ModelPackage } from '../model/model-package.js'
export { quantizeEmbeddings } from './quantize-embeddings.js'
export { Embeddings, type EmbeddingsClone, type EmbeddingSpace, type TextTokens } from '../math/embeddings.js'
export { Matrix, type AnyMatrix, type Shape } from '../math/matrix.js'
export type { Precision, PrecisionData } from '../math/precision.js'
export type { QuantizeOptions } from '../math/quantize.js'
export type { CacheReport, DeviceProbe, Verification, WebGpuProbe } from '../wire/load-report.js'
export type { SimilarityFunction } from '../math/similarity.js'
export type { Device, Dtype, EngineName, OnTruncate, Priority, RuntimeName } from '../wire/protocol.js'
export {
  EmbedderError,
  isEmbedderError,
  type EmbedderErrorCode,
  type EmbedderErrorOptions,
  type ErrorDetails,
} from '../wire/embedder-error.js'
export type { EmbeddingCheck, EmbeddingContents, StoredSpace } from '../store/embedding-contents.js'
export type { EmbedderStats, EmbeddingStats } from '../wire/embedder-stats.js'
export type { ProgressEvent, ProgressListener } from '../wire/progress.js'
export type { EmbedderWarning, WarningKind, WarningListener } from '../wire/warning.js'
