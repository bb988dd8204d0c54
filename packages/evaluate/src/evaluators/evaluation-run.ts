import type { Evaluation, EvaluateOptions, Evaluator } from './evaluator.js'
import { resolveSimilarityFnNames, type ResolvedSharedOptions } from './shared-options.js'
import type { FloatRows } from '@nestling/kit/math/float-rows'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import {
  checkKeys,
  checkPositiveInteger,
  checkSignal,
  checkType,
  type KnownKeys,
} from '@nestling/kit/options/check-options'
import type { EncodedRows, EvaluableEmbedder, EvaluationEncodeOptions } from '../run/evaluable-embedder.js'
import { toFloatRowsSteps } from '../run/to-float-rows.js'
import { ProgressMeter } from '../run/progress-meter.js'
import { runSteps } from '@nestling/kit/calls/run-steps'
import type { Steps } from '../run/steps.js'

const WHAT = 'evaluate'

const KNOWN_KEYS: KnownKeys<EvaluateOptions> = {
  batchSize: true,
  truncateDim: true,
  similarityFnNames: true,
  onProgress: true,
  signal: true,
}

/** What `encode` is asked beside what every evaluator asks. */
export type OwnEncodeOptions = Pick<EvaluationEncodeOptions, 'normalize' | 'precision' | 'prompt' | 'promptName'>

/** One call of `evaluate`: its options, its progress, its signal. */
export class EvaluationRun {
  /** What to compare with. */
  readonly similarityFnNames: readonly SimilarityFunction[]
  readonly #embedder: EvaluableEmbedder
  readonly #options: EvaluateOptions
  readonly #own: ResolvedSharedOptions
  readonly #truncateDim: number | undefined
  readonly #meter: ProgressMeter

  /**
   * Checks the options.
   *
   * @param embedder - What to evaluate.
   * @param options - What the caller gave.
   * @param evaluator - What the evaluator brings.
   * @param textCount - Texts that will be encoded.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If a number is out of range.
   */
  constructor(
    embedder: EvaluableEmbedder,
    options: EvaluateOptions,
    evaluator: ResolvedSharedOptions & Pick<Evaluator, 'similarityFnNames'>,
    textCount: number,
  ) {
    checkKeys(WHAT, options, KNOWN_KEYS)
    checkPositiveInteger(WHAT, 'batchSize', options.batchSize)
    checkType(WHAT, 'onProgress', options.onProgress, 'function')
    checkSignal(WHAT, options.signal)
    const asked = resolveSimilarityFnNames(WHAT, 'similarityFnNames', options.similarityFnNames)
    this.similarityFnNames = evaluator.similarityFnNames ?? asked ?? [embedder.similarityFunction ?? 'cosine']
    this.#embedder = embedder
    this.#options = options
    this.#own = evaluator
    this.#truncateDim = checkPositiveInteger(WHAT, 'truncateDim', options.truncateDim) ?? evaluator.truncateDim
    this.#meter = new ProgressMeter(options.onProgress, textCount)
  }

  /**
   * Encodes texts.
   *
   * @param task - As what; falls back to `encode` where the embedder has no prompts.
   * @param own - Options of the evaluator's own.
   * @returns One row a text.
   */
  encode(
    task: 'encode' | 'encodeQuery' | 'encodeDocument',
    texts: readonly string[],
    own: OwnEncodeOptions = {},
  ): Promise<FloatRows> {
    return this.#untilEnd(this.#encode(task, texts, own))
  }

  async #encode(
    task: 'encode' | 'encodeQuery' | 'encodeDocument',
    texts: readonly string[],
    own: OwnEncodeOptions,
  ): Promise<FloatRows> {
    const { batchSize, signal } = this.#options
    signal?.throwIfAborted()
    const options: EvaluationEncodeOptions = {
      ...own,
      batchSize,
      signal,
      truncateDim: this.#truncateDim,
      onProgress: ({ fraction }) => {
        this.#meter.encoding(fraction, texts.length)
      },
    }
    const encoded = await this.#encodeAs(task, texts, options)
    checkRowCount(task, texts.length, encoded)
    const rows = await runSteps(toFloatRowsSteps(encoded, own.precision ?? 'float32'), signal)
    this.#meter.encoded(texts.length)
    return rows
  }

  /** Calls a method, so that it keeps its `this`. */
  #encodeAs(
    task: 'encode' | 'encodeQuery' | 'encodeDocument',
    texts: readonly string[],
    options: EvaluationEncodeOptions,
  ): ReturnType<EvaluableEmbedder['encode']> {
    const embedder = this.#embedder
    if (task === 'encodeQuery' && embedder.encodeQuery !== undefined) return embedder.encodeQuery(texts, options)
    if (task === 'encodeDocument' && embedder.encodeDocument !== undefined) {
      return embedder.encodeDocument(texts, options)
    }
    return embedder.encode(texts, options)
  }

  /**
   * Runs work in slices.
   *
   * @returns What it returns.
   */
  run<T>(steps: Steps<T>): Promise<T> {
    return this.#untilEnd(runSteps(steps, this.#options.signal))
  }

  /** What fails ends the evaluation, and with it its progress. */
  async #untilEnd<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      this.#meter.end()
      throw error
    }
  }

  /**
   * Tells how much of the comparisons is done.
   *
   * @param fraction - From 0 to 1.
   */
  scored(fraction: number): void {
    this.#meter.scored(fraction)
  }

  /**
   * Puts the evaluator's name before everything.
   *
   * @param evaluator - Class of the evaluator.
   * @param metrics - Metrics without the name.
   * @param primaryMetric - One of them.
   * @returns The result.
   * @see `BaseEvaluator.prefix_name_to_metrics`
   */
  finish(evaluator: string, metrics: Readonly<Record<string, number>>, primaryMetric: string): Evaluation {
    const { name } = this.#own
    const prefix = name === '' ? '' : `${name}_`
    this.#options.signal?.throwIfAborted()
    this.#meter.finish()
    return {
      evaluator,
      name,
      truncateDim: this.#truncateDim,
      primaryMetric: prefix + primaryMetric,
      metrics: Object.fromEntries(Object.entries(metrics).map(([key, value]) => [prefix + key, value])),
    }
  }
}

/** With fewer rows texts would be compared with nothing, and the metrics be numbers all the same. */
function checkRowCount(task: string, texts: number, encoded: Partial<EncodedRows> | undefined): void {
  const { data, count, dim } = encoded ?? {}
  if (data !== undefined && count === texts && dim !== undefined) return
  throw new TypeError(
    `Cannot ${WHAT} as ${task} must give ${texts} rows, one a text: current number is ${String(count)}`,
  )
}
