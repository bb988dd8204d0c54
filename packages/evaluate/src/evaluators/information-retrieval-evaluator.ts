import type { EvaluableEmbedder } from '../run/evaluable-embedder.js'
import { sortedIndicesSteps } from '../run/sorted-indices.js'
import type { Steps } from '../run/steps.js'
import { compareCodePoints } from '../similarity/code-points.js'
import type { Rows } from '../similarity/rows.js'
import type { SimilarityFnName } from '../similarity/similarity-fn-name.js'
import { rowScorerSteps } from '../similarity/similarity.js'
import { topResults } from '../similarity/top-results.js'
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
interface Hit {
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
  readonly similarityFnNames: readonly SimilarityFnName[] | undefined
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
    const ranks = await run.run(this.#rankSteps())
    const found = names.map(() => this.#queries.map((): readonly Hit[] => []))
    let start = 0
    for (const texts of this.#chunks) {
      const corpus = await run.encode('encodeDocument', texts, corpusPrompts)
      for (const [index, name] of names.entries()) {
        const lists = found[index] as (readonly Hit[])[]
        const report = (share: number): void => {
          run.scored((start + (texts.length * (index + share)) / names.length) / this.#corpusIds.length)
        }
        await run.run(this.#searchSteps({ name, queries, corpus, start, ranks, lists, report }))
      }
      start += texts.length
    }
    const metrics: Record<string, number> = {}
    for (const [index, name] of names.entries()) {
      const results = (found[index] as (readonly Hit[])[]).map((hits, query) => ({
        results: hits.map((hit) => this.#corpusIds[hit.index] as string),
        relevant: this.#relevant[query] as ReadonlySet<string>,
      }))
      const values = retrievalMetrics(results, at)
      for (const [metric, value] of Object.entries(values)) metrics[`${name}_${metric}`] = value
    }
    return run.finish('InformationRetrievalEvaluator', metrics, this.#primaryMetric(names, metrics))
  }

  /** The place of each document in the order of ids. */
  *#rankSteps(): Steps<Uint32Array> {
    const ids = this.#corpusIds
    const order = yield* sortedIndicesSteps(ids.length, (a, b) => compareCodePoints(ids[a] as string, ids[b] as string))
    const ranks = new Uint32Array(ids.length)
    for (const [rank, index] of order.entries()) ranks[index] = rank
    return ranks
  }

  /** Looks for every query in one chunk of the corpus. */
  *#searchSteps(search: ChunkSearch): Steps<void> {
    const { name, queries, corpus, start, ranks, lists, report } = search
    const scoresOf = yield* rowScorerSteps(name, queries, corpus)
    const isBefore = (a: Hit, b: Hit): boolean =>
      a.score > b.score || (a.score === b.score && (ranks[a.index] as number) < (ranks[b.index] as number))
    for (const [query, hits] of lists.entries()) {
      const scores = yield* scoresOf(query)
      const hit = (index: number): Hit => ({ score: scores[index] as number, index: start + index })
      const best = topResults(corpus.count, this.#maxK, (a, b) => {
        const [left, right] = [scores[a] as number, scores[b] as number]
        return left > right || (left === right && (ranks[start + a] as number) < (ranks[start + b] as number))
      })
      const merged = [...hits, ...best.map(hit)].sort((a, b) => (isBefore(a, b) ? -1 : 1))
      lists[query] = merged.slice(0, this.#maxK)
      report((query + 1) / lists.length)
      yield
    }
  }

  #primaryMetric(names: readonly SimilarityFnName[], metrics: Readonly<Record<string, number>>): string {
    const metric = `ndcg@${Math.max(...this.#options.at.ndcg)}`
    const { mainScoreFunction } = this.#options
    if (mainScoreFunction !== undefined) return `${mainScoreFunction}_${metric}`
    const best = maxMetric(names.map((name) => metrics[`${name}_${metric}`] as number))
    return `${names.find((name) => metrics[`${name}_${metric}`] === best) ?? 'cosine'}_${metric}`
  }
}

/** One chunk of the corpus and what is known so far. */
interface ChunkSearch {
  readonly name: SimilarityFnName
  readonly queries: Rows
  readonly corpus: Rows
  /** Place of the chunk in the corpus. */
  readonly start: number
  /** Place of each document in the order of ids. */
  readonly ranks: Uint32Array
  /** The best of each query so far; replaced. */
  readonly lists: (readonly Hit[])[]
  /** Told the share that is done. */
  readonly report: (share: number) => void
}
