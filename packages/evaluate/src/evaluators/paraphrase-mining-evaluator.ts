import { paraphrasePairsSteps, type ParaphraseLimits, type ScoredPair } from '@nestling/kit/math/paraphrase-pairs'
import { checkKeys, checkPositiveInteger, checkType, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import type { EvaluableEmbedder } from '../run/evaluable-embedder.js'
import type { Steps } from '../run/steps.js'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { DuplicateGraph } from './duplicate-graph.js'
import { EvaluationRun } from './evaluation-run.js'
import type { Evaluation, EvaluateOptions, Evaluator } from './evaluator.js'
import { toIdMap, toTextMap, type ById } from './id-map.js'
import { resolveSharedOptions, type ResolvedSharedOptions, type SharedOptions } from './shared-options.js'

/** Options of {@link ParaphraseMiningEvaluator}. */
export interface ParaphraseMiningEvaluatorOptions extends SharedOptions {
  /** Sentences by id. */
  readonly sentencesMap: ById<string>
  /** Pairs of ids of duplicates; those with an unknown id are ignored, as in Python. */
  readonly duplicatesList?: Iterable<readonly [string, string]> | undefined
  /** The same as `{ id: { id: true } }`. */
  readonly duplicatesDict?: ById<ById<boolean>> | undefined
  /**
   * Whether duplicates of a duplicate are duplicates too.
   *
   * @defaultValue false
   */
  readonly addTransitiveClosure?: boolean | undefined
  /**
   * Most pairs that are looked at.
   *
   * @defaultValue 500000
   */
  readonly maxPairs?: number | undefined
  /**
   * Most pairs that one sentence contributes.
   *
   * @defaultValue 100
   */
  readonly topK?: number | undefined
}

const WHAT = 'make a ParaphraseMiningEvaluator'

const KNOWN_KEYS: KnownKeys<ParaphraseMiningEvaluatorOptions> = {
  sentencesMap: true,
  duplicatesList: true,
  duplicatesDict: true,
  addTransitiveClosure: true,
  maxPairs: true,
  topK: true,
  name: true,
  truncateDim: true,
}

/** Pairs between two stops: about 0.5 ms. */
const STEP_SIZE = 10_000

/**
 * Measures how well the most similar pairs of many sentences are the known duplicates. Compares with the cosine, as Python does.
 *
 * Metrics: `average_precision`, `f1`, `precision`, `recall` and `threshold`, the cosine that gives the best F1.
 *
 * @see `sentence_transformers.sentence_transformer.evaluation.ParaphraseMiningEvaluator`
 */
export class ParaphraseMiningEvaluator implements Evaluator {
  readonly similarityFnNames: readonly SimilarityFunction[] = ['cosine']
  readonly cutsAfterEncoding = true
  readonly #shared: ResolvedSharedOptions
  readonly #ids: readonly string[]
  readonly #sentences: readonly string[]
  readonly #known: ReadonlyMap<string, string>
  readonly #duplicates = new DuplicateGraph()
  readonly #limits: ParaphraseLimits
  #isClosed: boolean

  /**
   * Checks the sentences.
   *
   * @param options - Sentences, which of them are duplicates, and how many pairs count.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If there are no sentences or a number is not a positive integer.
   */
  constructor(options: ParaphraseMiningEvaluatorOptions) {
    checkKeys(WHAT, options, KNOWN_KEYS)
    this.#known = toTextMap(WHAT, 'sentencesMap', options.sentencesMap)
    this.#ids = [...this.#known.keys()]
    this.#sentences = [...this.#known.values()]
    this.#shared = resolveSharedOptions(WHAT, options)
    this.#limits = {
      similarity: 'cosine',
      maxPairs: checkPositiveInteger(WHAT, 'maxPairs', options.maxPairs) ?? 500_000,
      topK: checkPositiveInteger(WHAT, 'topK', options.topK) ?? 100,
    }
    for (const [a, b] of readPairs(options.duplicatesList ?? [])) {
      if (this.#known.has(a) && this.#known.has(b)) this.#duplicates.add(a, b)
    }
    for (const [a, others] of toIdMap(WHAT, 'duplicatesDict', options.duplicatesDict ?? {})) {
      for (const [b, isDuplicate] of toIdMap(WHAT, 'duplicatesDict', others)) {
        if (isDuplicate) this.#duplicates.add(a, b)
      }
    }
    this.#isClosed = checkType(WHAT, 'addTransitiveClosure', options.addTransitiveClosure, 'boolean') !== true
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /** {@inheritDoc Evaluator.evaluate} */
  async evaluate(embedder: EvaluableEmbedder, options: EvaluateOptions = {}): Promise<Evaluation> {
    const own = { ...this.#shared, similarityFnNames: this.similarityFnNames }
    const run = new EvaluationRun(embedder, options, own, this.#sentences.length)
    const rows = await run.encode('encode', this.#sentences)
    if (!this.#isClosed) await run.run(this.#duplicates.closeSteps())
    this.#isClosed = true
    const total = await run.run(this.#duplicates.countSteps(this.#known))
    const pairs = await run.run(
      paraphrasePairsSteps(rows, this.#limits, (share) => {
        run.scored(share)
      }),
    )
    const metrics = await run.run(this.#metricsSteps(pairs, total))
    return run.finish('ParaphraseMiningEvaluator', metrics, 'average_precision')
  }

  /** Recall and average precision are shares of all duplicates, also of those that no pair holds. */
  *#metricsSteps(pairs: readonly ScoredPair[], total: number): Steps<Record<string, number>> {
    let [correct, before, sum] = [0, 0, 0]
    let best = { f1: 0, precision: 0, recall: 0, threshold: 0 }
    for (const [place, { score, i, j }] of pairs.entries()) {
      if (this.#duplicates.has(this.#ids[i] as string, this.#ids[j] as string)) correct++
      if ((place + 1) % STEP_SIZE === 0) yield
      const next = pairs[place + 1]?.score
      if (next === score || correct === before) continue
      const precision = correct / (place + 1)
      const recall = correct / total
      const f1 = (2 * precision * recall) / (precision + recall)
      sum += precision * (correct - before)
      if (f1 > best.f1) best = { f1, precision, recall, threshold: (score + (next ?? score)) / 2 }
      before = correct
    }
    const { f1, precision, recall, threshold } = best
    return { average_precision: total === 0 ? 0 : sum / total, f1, precision, recall, threshold }
  }
}

function readPairs(pairs: Iterable<readonly [string, string]>): readonly (readonly [string, string])[] {
  const given: unknown = pairs
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
    throw new TypeError(`Cannot ${WHAT} as duplicatesList must be a list: current value is ${show(given)}`)
  }
  return Array.from(pairs, (pair: unknown) => {
    // A number never equals the id of a sentence, and every metric would be 0.
    const isPair = Array.isArray(pair) && pair.length === 2 && pair.every((id) => typeof id === 'string')
    if (isPair) return pair as unknown as readonly [string, string]
    throw new TypeError(`Cannot ${WHAT} as duplicatesList must hold pairs of ids: current value is ${show(pair)}`)
  })
}
