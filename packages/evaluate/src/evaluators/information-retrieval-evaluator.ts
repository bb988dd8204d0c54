import type { EvaluableEmbedder } from '../run/evaluable-embedder.js'
import { sortedIndicesSteps } from '../run/sorted-indices.js'
import type { Steps } from '../run/steps.js'
import { compareCodePoints } from '../run/compare-code-points.js'
import type { FloatRows } from '@nestling/kit/math/float-rows'
import { TopScores } from '@nestling/kit/math/top-scores'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { rowScores } from '../similarity/score-steps.js'
import { EvaluationRun } from './evaluation-run.js'
import type { Evaluation, EvaluateOptions, Evaluator } from './evaluator.js'
import {
  resolveRetrievalOptions,
  type InformationRetrievalOptions,
  type ResolvedRetrievalOptions,
} from './information-retrieval-options.js'
import { maxMetric } from './max-metric.js'
import { retrievalMetrics } from './retrieval-metrics.js'

/** A document that was found. */
interface RankedDocument {
  readonly score: number
  /** Place of the document in the corpus. */
  readonly index: number
}

/**
 * Measures how well queries find the documents that should be found.
 *
 * Metrics of each function: `cosine_accuracy@k`, `cosine_precision@k`, `cosine_recall@k`, `cosine_ndcg@k`, `cosine_mrr@k` and
 * `cosine_map@k`, means over all queries. Documents of equal score come in the order of their ids, as in Python.
 *
 * @see `sentence_transformers.sentence_transformer.evaluation.InformationRetrievalEvaluator`
 */
export class InformationRetrievalEvaluator implements Evaluator {
  readonly similarityFnNames: readonly SimilarityFunction[] | undefined
  readonly cutsAfterEncoding = true
  readonly #options: ResolvedRetrievalOptions
  readonly #queries: readonly string[]
  readonly #relevant: readonly ReadonlySet<string>[]
  readonly #corpusIds: readonly string[]
  readonly #chunks: readonly (readonly string[])[]
  readonly #maxK: number

  /**
   * Checks queries and corpus.
   *
   * @param options - Queries, corpus, what should be found, and how to compare.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If corpus or queries are empty, no query has a relevant document, or a number is not a positive integer.
   */
  constructor(options: InformationRetrievalOptions) {
    this.#options = resolveRetrievalOptions(options)
    const { queries, corpus, relevantDocs, corpusChunkSize, at } = this.#options
    this.similarityFnNames = this.#options.scoreFunctions
    this.#queries = [...queries.values()]
    this.#relevant = [...queries.keys()].map((id) => relevantDocs.get(id) ?? new Set())
    this.#corpusIds = [...corpus.keys()]
    const texts = [...corpus.values()]
    this.#chunks = Array.from({ length: Math.ceil(texts.length / corpusChunkSize) }, (_, index) => {
      return texts.slice(index * corpusChunkSize, (index + 1) * corpusChunkSize)
    })
    this.#maxK = Math.max(...Object.values(at as unknown as Record<string, readonly number[]>).flat())
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /** {@inheritDoc Evaluator.evaluate} */
  async evaluate(embedder: EvaluableEmbedder, options: EvaluateOptions = {}): Promise<Evaluation> {
    const { shared, queryPrompts, corpusPrompts, at } = this.#options
    const own = { ...shared, similarityFnNames: this.similarityFnNames }
    const run = new EvaluationRun(embedder, options, own, this.#queries.length + this.#corpusIds.length)
    const names = [...run.similarityFnNames].sort()
    const queries = await run.encode('encodeQuery', this.#queries, queryPrompts)
    const order = await run.run(this.#orderSteps())
    const found = names.map(() => this.#queries.map((): readonly RankedDocument[] => []))
    let start = 0
    for (const texts of this.#chunks) {
      const corpus = await run.encode('encodeDocument', texts, corpusPrompts)
      for (const [index, name] of names.entries()) {
        const lists = found[index] as (readonly RankedDocument[])[]
        const report = (share: number): void => {
          run.scored((start + (texts.length * (index + share)) / names.length) / this.#corpusIds.length)
        }
        await run.run(this.#searchSteps({ name, queries, corpus, start, order, lists, report }))
      }
      start += texts.length
    }
    const metrics: Record<string, number> = {}
    for (const [index, name] of names.entries()) {
      const results = (found[index] as (readonly RankedDocument[])[]).map((hits, query) => ({
        results: hits.map((hit) => this.#corpusIds[hit.index] as string),
        relevant: this.#relevant[query] as ReadonlySet<string>,
      }))
      const values = retrievalMetrics(results, at)
      for (const [metric, value] of Object.entries(values)) metrics[`${name}_${metric}`] = value
    }
    return run.finish('InformationRetrievalEvaluator', metrics, this.#primaryMetric(names, metrics))
  }

  /** Documents in the order of ids, and the place of each in it. */
  *#orderSteps(): Steps<IdOrder> {
    const ids = this.#corpusIds
    const indices = yield* sortedIndicesSteps(ids.length, (a, b) =>
      compareCodePoints(ids[a] as string, ids[b] as string),
    )
    const ranks = new Uint32Array(ids.length)
    for (const [rank, index] of indices.entries()) ranks[index] = rank
    return { indices, ranks }
  }

  /** Looks for every query in one chunk of the corpus. */
  *#searchSteps(search: ChunkSearch): Steps<void> {
    const { name, queries, corpus, start, order, lists, report } = search
    const { indices, ranks } = order
    const scoresOf = rowScores(name, queries, corpus)
    for (const [query, known] of lists.entries()) {
      const scores = yield* scoresOf(query)
      const top = new TopScores(this.#maxK, 'lowest')
      for (const { score, index } of known) top.add(ranks[index] as number, score)
      for (let place = 0; place < corpus.count; place++) {
        const score = scores[place] as number
        if (score >= top.threshold) top.add(ranks[start + place] as number, score)
      }
      const before = new Map(known.map(({ score, index }) => [index, score]))
      lists[query] = Array.from(top.drain(), (rank) => {
        const index = indices[rank] as number
        return { index, score: before.get(index) ?? (scores[index - start] as number) }
      })
      report((query + 1) / lists.length)
      yield
    }
  }

  #primaryMetric(names: readonly SimilarityFunction[], metrics: Readonly<Record<string, number>>): string {
    const metric = `ndcg@${Math.max(...this.#options.at.ndcg)}`
    const { mainScoreFunction } = this.#options
    if (mainScoreFunction !== undefined) return `${mainScoreFunction}_${metric}`
    const best = maxMetric(names.map((name) => metrics[`${name}_${metric}`] as number))
    return `${names.find((name) => metrics[`${name}_${metric}`] === best) ?? 'cosine'}_${metric}`
  }
}

/** The order of documents of equal score. */
interface IdOrder {
  /** Documents in it. */
  readonly indices: Uint32Array
  /** The place of each document in it. */
  readonly ranks: Uint32Array
}

/** One chunk of the corpus and what is known so far. */
interface ChunkSearch {
  readonly name: SimilarityFunction
  readonly queries: FloatRows
  readonly corpus: FloatRows
  /** Place of the chunk in the corpus. */
  readonly start: number
  readonly order: IdOrder
  /** The best of each query so far; replaced. */
  readonly lists: (readonly RankedDocument[])[]
  /** Told the share that is done. */
  readonly report: (share: number) => void
}
