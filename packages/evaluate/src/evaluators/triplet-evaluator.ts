import { checkKeys, checkOneOf, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
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

/** Options of {@link TripletEvaluator}. */
export interface TripletOptions extends SharedOptions {
  /** Sentences to compare with, such as queries. */
  readonly anchors: Iterable<string>
  /** For each anchor a sentence that is near. */
  readonly positives: Iterable<string>
  /** For each anchor a sentence that is not. */
  readonly negatives: Iterable<string>
  /**
   * The function whose accuracy is the primary metric.
   *
   * @defaultValue the only one, else the best of each call (`max`)
   */
  readonly mainSimilarityFunction?: SimilarityFunction | undefined
  /**
   * What to compare with.
   *
   * @defaultValue `mainSimilarityFunction`, else the embedder's own function
   */
  readonly similarityFnNames?: readonly SimilarityFunction[] | undefined
  /**
   * How much nearer the positive must be, in the numbers of the similarity function; one for all, or by function.
   *
   * @defaultValue 0
   */
  readonly margin?: number | Readonly<Partial<Record<SimilarityFunction, number>>> | undefined
}

const WHAT = 'make a TripletEvaluator'

const KNOWN_KEYS: KnownKeys<TripletOptions> = {
  anchors: true,
  positives: true,
  negatives: true,
  name: true,
  truncateDim: true,
  mainSimilarityFunction: true,
  similarityFnNames: true,
  margin: true,
}

/**
 * Measures how often an anchor is nearer to its positive than to its negative. Anchors are encoded as queries, the others as documents.
 *
 * Metrics: `cosine_accuracy` and so on for each function, `max_accuracy` where there are several.
 *
 * @see `sentence_transformers.sentence_transformer.evaluation.TripletEvaluator`
 */
export class TripletEvaluator implements Evaluator {
  readonly similarityFnNames: readonly SimilarityFunction[] | undefined
  readonly cutsAfterEncoding = true
  readonly #shared: ResolvedSharedOptions
  readonly #main: SimilarityFunction | undefined
  readonly #margins: Readonly<Record<SimilarityFunction, number>>
  readonly #anchors: readonly string[]
  readonly #others: readonly string[]

  /**
   * Checks the triplets.
   *
   * @param options - Triplets, and how to compare.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If there are no triplets or the lists differ in length.
   */
  constructor(options: TripletOptions) {
    checkKeys(WHAT, options, KNOWN_KEYS)
    const anchors = checkList(WHAT, 'anchors', options.anchors, 'string')
    const positives = checkList(WHAT, 'positives', options.positives, 'string')
    const negatives = checkList(WHAT, 'negatives', options.negatives, 'string')
    checkLengths(WHAT, { anchors, positives, negatives })
    this.#shared = resolveSharedOptions(WHAT, options)
    this.#main = checkOneOf(WHAT, 'mainSimilarityFunction', options.mainSimilarityFunction, SIMILARITY_FUNCTIONS)
    this.similarityFnNames = resolveSimilarityFnNames(WHAT, 'similarityFnNames', options.similarityFnNames, this.#main)
    this.#margins = resolveMargins(options.margin ?? 0)
    this.#anchors = anchors
    this.#others = [...positives, ...negatives]
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /** {@inheritDoc Evaluator.evaluate} */
  async evaluate(embedder: EvaluableEmbedder, options: EvaluateOptions = {}): Promise<Evaluation> {
    const count = this.#anchors.length
    const own = { ...this.#shared, similarityFnNames: this.similarityFnNames }
    const run = new EvaluationRun(embedder, options, own, 3 * count)
    const names = run.similarityFnNames
    const anchors = await run.encode('encodeQuery', this.#anchors)
    const others = await run.encode('encodeDocument', this.#others)
    const metrics: Record<string, number> = {}
    for (const [index, name] of names.entries()) {
      const near = await run.run(pairwiseScoresSteps(name, anchors, sliceRows(others, 0, count)))
      const far = await run.run(pairwiseScoresSteps(name, anchors, sliceRows(others, count, 2 * count)))
      const margin = this.#margins[name]
      // Float32 like the scores: at the margin itself a rounding decides.
      const correct = near.filter((score, row) => score > Math.fround((far[row] as number) + margin)).length
      metrics[`${name}_accuracy`] = correct / count
      run.scored((index + 1) / names.length)
    }
    if (names.length > 1) metrics['max_accuracy'] = maxMetric(Object.values(metrics))
    const main = this.#main ?? (names.length > 1 ? 'max' : names[0])
    return run.finish('TripletEvaluator', metrics, `${main}_accuracy`)
  }
}

function resolveMargins(margin: NonNullable<TripletOptions['margin']>): Record<SimilarityFunction, number> {
  const given: unknown = margin
  if (typeof given !== 'number' && (typeof given !== 'object' || given === null)) {
    throw new TypeError(`Cannot ${WHAT} as margin must be a number or an object: current value is ${show(given)}`)
  }
  if (typeof margin !== 'number') {
    checkKeys(WHAT, margin, { cosine: true, dot: true, euclidean: true, manhattan: true })
  }
  const entries = SIMILARITY_FUNCTIONS.map((name) => {
    const value = typeof margin === 'number' ? margin : (margin[name] ?? 0)
    if (typeof value === 'number') return [name, value] as const
    throw new TypeError(`Cannot ${WHAT} as margin must be a number: current value is ${show(value)}`)
  })
  return Object.fromEntries(entries) as Record<SimilarityFunction, number>
}
