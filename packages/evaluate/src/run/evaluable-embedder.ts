import type { AnyEmbeddings, EncodeOptions, Precision } from 'nestling'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'

/** What evaluators need of embeddings. */
export type EncodedRows = Pick<AnyEmbeddings, 'data' | 'count' | 'dim'>

/** What evaluators ask of `encode`. */
export type EvaluationEncodeOptions = Pick<
  EncodeOptions<Precision>,
  'truncateDim' | 'normalize' | 'precision' | 'prompt' | 'promptName' | 'batchSize' | 'onProgress' | 'signal'
>

/** Turns texts into rows. */
export type EncodeTexts = (texts: readonly string[], options: EvaluationEncodeOptions) => Promise<EncodedRows>

/** What can be evaluated: nestling's `Embedder`, or whatever encodes in the same way. */
export interface EvaluableEmbedder {
  /**
   * What the model compares with, where an evaluator names no function itself.
   *
   * @defaultValue 'cosine'
   */
  readonly similarityFunction?: SimilarityFunction
  /** Turns texts into one row each, in their order. */
  readonly encode: EncodeTexts
  /**
   * Does so with the prompt for queries.
   *
   * @defaultValue `encode`
   */
  readonly encodeQuery?: EncodeTexts
  /**
   * Does so with the prompt for documents.
   *
   * @defaultValue `encode`
   */
  readonly encodeDocument?: EncodeTexts
}
