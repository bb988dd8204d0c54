import { accuracyAtK, mapAtK, mrrAtK, ndcgAtK, precisionAtK, recallAtK } from '../metrics/ranking.js'
import type { CutOffs } from './information-retrieval-options.js'

/** What was found for one query. */
export interface QueryResults {
  /** Ids of documents, the best first. */
  readonly results: readonly string[]
  /** Ids of documents that should be found. */
  readonly relevant: ReadonlySet<string>
}

/**
 * Computes the mean of every metric over all queries.
 *
 * @param queries - What was found for each query.
 * @param at - The cut-offs.
 * @returns Metrics by name, such as `ndcg@10`, in Python's order.
 * @see `InformationRetrievalEvaluator.compute_metrics`
 */
export function retrievalMetrics(queries: readonly QueryResults[], at: CutOffs): Record<string, number> {
  const metrics: Record<string, number> = {}
  const add = (name: string, ks: readonly number[], metric: typeof accuracyAtK<string>): void => {
    for (const k of ks) {
      const sum = queries.reduce((total, { results, relevant }) => total + metric(results, relevant, k), 0)
      metrics[`${name}@${k}`] = sum / queries.length
    }
  }
  add('accuracy', at.accuracy, accuracyAtK)
  add('precision', at.precisionRecall, precisionAtK)
  add('recall', at.precisionRecall, recallAtK)
  add('ndcg', at.ndcg, ndcgAtK)
  add('mrr', at.mrr, mrrAtK)
  add('map', at.map, mapAtK)
  return metrics
}
