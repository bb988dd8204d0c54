import { averagePrecisionOf } from '../metrics/average-precision.js'
import { bestAccuracy, bestF1 } from '../metrics/best-thresholds.js'
import { scoreGroupsSteps, type ScoreGroup } from '../metrics/labelled-scores.js'
import { matthewsCorrcoef } from '../metrics/matthews-corrcoef.js'
import { checkKeys, type KnownKeys } from '@nestling/kit/options/check-options'
import { checkLengths, checkList } from '../run/check-lists.js'
import type { EvaluableEmbedder } from '../run/evaluable-embedder.js'
import { EvaluationRun } from './evaluation-run.js'
import { sliceRows } from '../run/slice-rows.js'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { pairwiseScoresSteps } from '../similarity/score-steps.js'
import type { Evaluation, EvaluateOptions, Evaluator } from './evaluator.js'
import { maxMetric } from './max-metric.js'
import {
  resolveSharedOptions,
  resolveSimilarityFnNames,
  type ResolvedSharedOptions,
  type SharedOptions,
} from './shared-options.js'

/** Options of {@link BinaryClassificationEvaluator}. */
export interface BinaryClassificationOptions extends SharedOptions {
  /** The first sentence of each pair. */
  readonly sentences1: Iterable<string>
  /** The second sentence of each pair. */
  readonly sentences2: Iterable<string>
  /** 1 for each pair that is similar, 0 for others. */
  readonly labels: Iterable<number>
  /**
   * What to compare with.
   *
   * @defaultValue the embedder's own function
   */
  readonly similarityFnNames?: readonly SimilarityFunction[] | undefined
}

const WHAT = 'make a BinaryClassificationEvaluator'

const KNOWN_KEYS: KnownKeys<BinaryClassificationOptions> = {
  sentences1: true,
  sentences2: true,
  labels: true,
  name: true,
  truncateDim: true,
  similarityFnNames: true,
}

/** Distances are positive here, as in Python. */
const DISTANCES: ReadonlySet<SimilarityFunction> = new Set(['euclidean', 'manhattan'])

/** In Python's order. */
const METRICS = ['accuracy', 'accuracy_threshold', 'f1', 'f1_threshold', 'precision', 'recall', 'ap', 'mcc'] as const

/**
 * Measures how well a threshold of the similarity tells similar pairs from others.
 *
 * Metrics of each function: `cosine_accuracy`, `cosine_accuracy_threshold`, `cosine_f1`, `cosine_f1_threshold`, `cosine_precision`,
 * `cosine_recall`, `cosine_ap`, `cosine_mcc`; the same of `max` where there are several. Thresholds of `euclidean` and `manhattan` are
 * distances.
 *
 * @see `sentence_transformers.sentence_transformer.evaluation.BinaryClassificationEvaluator`
 */
export class BinaryClassificationEvaluator implements Evaluator {
  readonly similarityFnNames: readonly SimilarityFunction[] | undefined
  readonly cutsAfterEncoding = true
  readonly #shared: ResolvedSharedOptions
  readonly #labels: readonly number[]
  readonly #texts: readonly string[]

  /**
   * Checks the pairs.
   *
   * @param options - Pairs, labels, and how to compare.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If there are no pairs, the lists differ in length or a label is neither 0 nor 1.
   */
  constructor(options: BinaryClassificationOptions) {
    checkKeys(WHAT, options, KNOWN_KEYS)
    const sentences1 = checkList(WHAT, 'sentences1', options.sentences1, 'string')
    const sentences2 = checkList(WHAT, 'sentences2', options.sentences2, 'string')
    this.#labels = checkList(WHAT, 'labels', options.labels, 'number')
    checkLengths(WHAT, { sentences1, sentences2, labels: this.#labels })
    const wrong = this.#labels.find((label) => label !== 0 && label !== 1)
    if (wrong !== undefined) {
      throw new RangeError(`Cannot ${WHAT} as labels must be 0 or 1: current value is ${wrong}`)
    }
    this.#shared = resolveSharedOptions(WHAT, options)
    this.similarityFnNames = resolveSimilarityFnNames(WHAT, 'similarityFnNames', options.similarityFnNames)
    this.#texts = [...sentences1, ...sentences2]
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /** {@inheritDoc Evaluator.evaluate} */
  async evaluate(embedder: EvaluableEmbedder, options: EvaluateOptions = {}): Promise<Evaluation> {
    const own = { ...this.#shared, similarityFnNames: this.similarityFnNames }
    const run = new EvaluationRun(embedder, options, own, this.#texts.length)
    const names = run.similarityFnNames
    const rows = await run.encode('encode', this.#texts)
    const count = this.#labels.length
    const [left, right] = [sliceRows(rows, 0, count), sliceRows(rows, count, 2 * count)]
    const metrics: Record<string, number> = {}
    for (const [index, name] of names.entries()) {
      const isDistance = DISTANCES.has(name)
      const similarities = await run.run(pairwiseScoresSteps(name, left, right))
      const scores = isDistance ? similarities.map((score) => 0 - score) : similarities
      const groups = await run.run(scoreGroupsSteps(WHAT, scores, this.#labels, !isDistance))
      const values = metricsOf(groups, scores, this.#labels, !isDistance)
      for (const metric of METRICS) metrics[`${name}_${metric}`] = values[metric]
      run.scored((index + 1) / names.length)
    }
    if (names.length > 1) {
      for (const metric of METRICS) {
        metrics[`max_${metric}`] = maxMetric(names.map((name) => metrics[`${name}_${metric}`] as number))
      }
    }
    const main = names.length > 1 ? 'max' : (names[0] as SimilarityFunction)
    return run.finish('BinaryClassificationEvaluator', metrics, `${main}_ap`)
  }
}

function metricsOf(
  groups: readonly ScoreGroup[],
  scores: Float32Array,
  labels: readonly number[],
  isHigherSimilar: boolean,
): Record<(typeof METRICS)[number], number> {
  const { accuracy, threshold: accuracyThreshold } = bestAccuracy(groups, true, isHigherSimilar)
  const { f1, precision, recall, threshold } = bestF1(groups, true)
  const predictions = scores.map((score) => ((isHigherSimilar ? score >= threshold : score <= threshold) ? 1 : 0))
  return {
    accuracy,
    accuracy_threshold: accuracyThreshold,
    f1,
    f1_threshold: threshold,
    precision,
    recall,
    ap: averagePrecisionOf(groups),
    mcc: matthewsCorrcoef(labels, predictions),
  }
}
