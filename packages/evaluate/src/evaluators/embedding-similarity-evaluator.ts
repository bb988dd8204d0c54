import type { Precision } from 'nestling'
import { pearsonSteps } from '../metrics/pearson.js'
import { spearmanSteps } from '../metrics/spearman.js'
import { checkKeys, checkOneOf, type KnownKeys } from '@nestling/kit/options/check-options'
import { checkLengths, checkList } from '../run/check-lists.js'
import type { EvaluableEmbedder } from '../run/evaluable-embedder.js'
import { EvaluationRun } from './evaluation-run.js'
import { sliceRows } from '../run/slice-rows.js'
import { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { pairwiseScoresSteps } from '../similarity/score-steps.js'
import type { Evaluation, EvaluateOptions, Evaluator } from './evaluator.js'
import { maxMetric } from './max-metric.js'
import {
  resolveSharedOptions,
  resolveSimilarityFnNames,
  type ResolvedSharedOptions,
  type SharedOptions,
} from './shared-options.js'

/** Options of {@link EmbeddingSimilarityEvaluator}. */
export interface EmbeddingSimilarityOptions extends SharedOptions {
  /** The first sentence of each pair. */
  readonly sentences1: Iterable<string>
  /** The second sentence of each pair. */
  readonly sentences2: Iterable<string>
  /** How similar people find each pair. */
  readonly scores: Iterable<number>
  /**
   * The function whose Spearman correlation is the primary metric.
   *
   * @defaultValue the only one, else the best of each call (`max`)
   */
  readonly mainSimilarity?: SimilarityFunction | undefined
  /**
   * What to compare with.
   *
   * @defaultValue `mainSimilarity`, else the embedder's own function
   */
  readonly similarityFnNames?: readonly SimilarityFunction[] | undefined
  /**
   * Precision of the vectors, which are then scaled to length 1 before. Packed bits are compared as numbers 0 and 1.
   *
   * @defaultValue float32, not scaled
   */
  readonly precision?: Precision | undefined
}

const WHAT = 'make an EmbeddingSimilarityEvaluator'

const PRECISIONS = ['float32', 'int8', 'uint8', 'binary', 'ubinary'] as const satisfies readonly Precision[]

const KNOWN_KEYS: KnownKeys<EmbeddingSimilarityOptions> = {
  sentences1: true,
  sentences2: true,
  scores: true,
  name: true,
  truncateDim: true,
  mainSimilarity: true,
  similarityFnNames: true,
  precision: true,
}

/**
 * Measures how well similarities of pairs of sentences agree with scores that people gave.
 *
 * Metrics: `pearson_cosine`, `spearman_cosine` and so on for each function, `pearson_max` and `spearman_max` where there are several.
 * Where all scores or all similarities are equal a correlation is NaN, as in scipy.
 *
 * @see `sentence_transformers.sentence_transformer.evaluation.EmbeddingSimilarityEvaluator`
 */
export class EmbeddingSimilarityEvaluator implements Evaluator {
  readonly similarityFnNames: readonly SimilarityFunction[] | undefined
  readonly cutsAfterEncoding: boolean
  readonly #shared: ResolvedSharedOptions
  readonly #main: SimilarityFunction | undefined
  readonly #precision: Precision | undefined
  readonly #scores: readonly number[]
  /** Both sides, encoded together: quantized vectors need common ranges, and an equal sentence runs once. */
  readonly #texts: readonly string[]

  /**
   * Checks the pairs.
   *
   * @param options - Pairs, scores, and how to compare.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If there are fewer than two pairs or the lists differ in length.
   */
  constructor(options: EmbeddingSimilarityOptions) {
    checkKeys(WHAT, options, KNOWN_KEYS)
    const sentences1 = checkList(WHAT, 'sentences1', options.sentences1, 'string')
    const sentences2 = checkList(WHAT, 'sentences2', options.sentences2, 'string')
    const scores = checkList(WHAT, 'scores', options.scores, 'number')
    checkLengths(WHAT, { sentences1, sentences2, scores })
    if (scores.length < 2) {
      throw new RangeError(`Cannot ${WHAT} as there must be at least two pairs: current number is ${scores.length}`)
    }
    this.#shared = resolveSharedOptions(WHAT, options)
    this.#main = checkOneOf(WHAT, 'mainSimilarity', options.mainSimilarity, SIMILARITY_FUNCTIONS)
    this.similarityFnNames = resolveSimilarityFnNames(WHAT, 'similarityFnNames', options.similarityFnNames, this.#main)
    this.#precision = checkOneOf(WHAT, 'precision', options.precision, PRECISIONS)
    // Scaling to length 1 comes after the cut, too.
    this.cutsAfterEncoding = this.#precision === undefined
    this.#texts = [...sentences1, ...sentences2]
    this.#scores = scores
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /** {@inheritDoc Evaluator.evaluate} */
  async evaluate(embedder: EvaluableEmbedder, options: EvaluateOptions = {}): Promise<Evaluation> {
    const own = { ...this.#shared, similarityFnNames: this.similarityFnNames }
    const run = new EvaluationRun(embedder, options, own, this.#texts.length)
    const names = run.similarityFnNames
    const precision = this.#precision
    const rows = await run.encode('encode', this.#texts, precision === undefined ? {} : { precision, normalize: true })
    const count = this.#scores.length
    const [left, right] = [sliceRows(rows, 0, count), sliceRows(rows, count, 2 * count)]
    const metrics: Record<string, number> = {}
    for (const [index, name] of names.entries()) {
      const scores = await run.run(pairwiseScoresSteps(name, left, right))
      metrics[`pearson_${name}`] = await run.run(pearsonSteps(this.#scores, scores))
      metrics[`spearman_${name}`] = await run.run(spearmanSteps(this.#scores, scores))
      run.scored((index + 1) / names.length)
    }
    if (names.length > 1) {
      for (const kind of ['pearson', 'spearman']) {
        metrics[`${kind}_max`] = maxMetric(names.map((name) => metrics[`${kind}_${name}`] as number))
      }
    }
    const main = this.#main ?? (names.length > 1 ? 'max' : names[0])
    return run.finish('EmbeddingSimilarityEvaluator', metrics, `spearman_${main}`)
  }
}
