import type { EvaluableEmbedder } from '../run/evaluable-embedder.js'
import type { EvaluationProgressListener } from '../run/progress-meter.js'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'

/** Chooses how `evaluate` works. */
export interface EvaluateOptions {
  /**
   * Most texts that the model runs at once.
   *
   * @defaultValue that of `encode`
   */
  readonly batchSize?: number | undefined
  /**
   * Components to keep of every vector; goes before the evaluator's own.
   *
   * @defaultValue the evaluator's own, else the embedder's
   */
  readonly truncateDim?: number | undefined
  /**
   * What to compare with where the evaluator was told nothing.
   *
   * @defaultValue the embedder's own function
   */
  readonly similarityFnNames?: readonly SimilarityFunction[] | undefined
  /** Told how far the evaluation is. */
  readonly onProgress?: EvaluationProgressListener | undefined
  /** Ends the evaluation with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** What an evaluation found. */
export interface Evaluation {
  /** Class of the evaluator, by the name it has in Python. */
  readonly evaluator: string
  /** Name of the evaluator, which all its metrics begin with; `''` for none. */
  readonly name: string
  /** Components that were kept; `undefined` where the embedder decided. */
  readonly truncateDim: number | undefined
  /** The metric that says most, a key of `metrics`. */
  readonly primaryMetric: string
  /** Every number by the name it has in Python, such as `sts-dev_spearman_cosine`. */
  readonly metrics: Readonly<Record<string, number>>
}

/** Measures how good embeddings are. */
export interface Evaluator {
  /** What it compares with; `undefined` leaves it to the call. */
  readonly similarityFnNames: readonly SimilarityFunction[] | undefined
  /**
   * Whether vectors can be cut after they were encoded. Not so where they are quantized, which comes last.
   */
  readonly cutsAfterEncoding: boolean

  /**
   * Encodes the texts and compares the vectors, in slices of 4 ms so that a page never stalls.
   *
   * @param embedder - See {@link EvaluableEmbedder}.
   * @param options - See {@link EvaluateOptions}.
   * @returns The metrics.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If an option is out of range.
   * @throws {EmbedderError} What `encode` throws. On an abort, the signal's reason.
   */
  evaluate(embedder: EvaluableEmbedder, options?: EvaluateOptions): Promise<Evaluation>
}
