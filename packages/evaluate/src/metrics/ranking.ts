import { bestOnce, checkK, checkRelevant, checkSet } from './check-metric.js'

/**
 * Tells whether one of the first `k` results is relevant.
 *
 * @param results - Ids of one query, the best first. One that comes again counts once, at its first place; those behind it move up.
 * @param relevant - Ids that should be found.
 * @param k - How many results count; there may be fewer.
 * @returns 1 or 0.
 * @throws {TypeError} If `results` is not a list or `relevant` not a set.
 * @throws {RangeError} If `k` is not a positive integer.
 * @see `InformationRetrievalEvaluator.compute_metrics`
 */
export function accuracyAtK<T>(results: readonly T[], relevant: ReadonlySet<T>, k: number): number {
  checkK('accuracyAtK', k)
  checkSet('accuracyAtK', relevant)
  return bestOnce('accuracyAtK', results, k).some((id) => relevant.has(id)) ? 1 : 0
}

/**
 * Gives the share of the first `k` results that are relevant.
 *
 * @param results - Ids of one query, the best first. One that comes again counts once, at its first place; those behind it move up.
 * @param relevant - Ids that should be found.
 * @param k - How many results count; missing ones count as not relevant, as in Python.
 * @returns From 0 to 1.
 * @throws {TypeError} If `results` is not a list or `relevant` not a set.
 * @throws {RangeError} If `k` is not a positive integer.
 * @see `InformationRetrievalEvaluator.compute_metrics`
 */
export function precisionAtK<T>(results: readonly T[], relevant: ReadonlySet<T>, k: number): number {
  checkK('precisionAtK', k)
  checkSet('precisionAtK', relevant)
  return countHits(bestOnce('precisionAtK', results, k), relevant) / k
}

/**
 * Gives the share of the relevant ids that are among the first `k` results.
 *
 * @param results - Ids of one query, the best first. One that comes again counts once, at its first place; those behind it move up.
 * @param relevant - Ids that should be found; those that cannot be found count too, as in Python.
 * @param k - How many results count.
 * @returns From 0 to 1.
 * @throws {TypeError} If `results` is not a list or `relevant` not a set.
 * @throws {RangeError} If `k` is not a positive integer or nothing is relevant.
 * @see `InformationRetrievalEvaluator.compute_metrics`
 */
export function recallAtK<T>(results: readonly T[], relevant: ReadonlySet<T>, k: number): number {
  checkK('recallAtK', k)
  checkRelevant('recallAtK', relevant)
  return countHits(bestOnce('recallAtK', results, k), relevant) / relevant.size
}

/**
 * Gives 1 / the rank of the first relevant result. Its mean over all queries is the mean reciprocal rank.
 *
 * @param results - Ids of one query, the best first. One that comes again counts once, at its first place; those behind it move up.
 * @param relevant - Ids that should be found.
 * @param k - How many results count.
 * @returns From 0 to 1; 0 where none of the first `k` is relevant.
 * @throws {TypeError} If `results` is not a list or `relevant` not a set.
 * @throws {RangeError} If `k` is not a positive integer.
 * @see `InformationRetrievalEvaluator.compute_metrics`
 */
export function mrrAtK<T>(results: readonly T[], relevant: ReadonlySet<T>, k: number): number {
  checkK('mrrAtK', k)
  checkSet('mrrAtK', relevant)
  const place = bestOnce('mrrAtK', results, k).findIndex((id) => relevant.has(id))
  return place === -1 ? 0 : 1 / (place + 1)
}

/**
 * Computes the normalized discounted cumulative gain, where an id is relevant or is not.
 *
 * @param results - Ids of one query, the best first. One that comes again counts once, at its first place; those behind it move up.
 * @param relevant - Ids that should be found; those that cannot be found count too, as in Python.
 * @param k - How many results count.
 * @returns From 0 to 1.
 * @throws {TypeError} If `results` is not a list or `relevant` not a set.
 * @throws {RangeError} If `k` is not a positive integer or nothing is relevant.
 * @see `InformationRetrievalEvaluator.compute_dcg_at_k`
 */
export function ndcgAtK<T>(results: readonly T[], relevant: ReadonlySet<T>, k: number): number {
  checkK('ndcgAtK', k)
  checkRelevant('ndcgAtK', relevant)
  let gain = 0
  for (const [place, id] of bestOnce('ndcgAtK', results, k).entries()) {
    if (relevant.has(id)) gain += discount(place)
  }
  let best = 0
  for (let place = 0; place < Math.min(relevant.size, k); place++) best += discount(place)
  return gain / best
}

/**
 * Computes the average precision of one query: the mean of the precision at each relevant result. Its mean over all queries is MAP.
 *
 * @param results - Ids of one query, the best first. One that comes again counts once, at its first place; those behind it move up.
 * @param relevant - Ids that should be found; those that cannot be found count too, as in Python.
 * @param k - How many results count.
 * @returns From 0 to 1.
 * @throws {TypeError} If `results` is not a list or `relevant` not a set.
 * @throws {RangeError} If `k` is not a positive integer or nothing is relevant.
 * @see `InformationRetrievalEvaluator.compute_metrics`
 */
export function mapAtK<T>(results: readonly T[], relevant: ReadonlySet<T>, k: number): number {
  checkK('mapAtK', k)
  checkRelevant('mapAtK', relevant)
  let correct = 0
  let sum = 0
  for (const [place, id] of bestOnce('mapAtK', results, k).entries()) {
    if (relevant.has(id)) sum += ++correct / (place + 1)
  }
  return sum / Math.min(k, relevant.size)
}

function countHits<T>(results: readonly T[], relevant: ReadonlySet<T>): number {
  return results.filter((id) => relevant.has(id)).length
}

/** The place counts from 0. */
function discount(place: number): number {
  return 1 / Math.log2(place + 2)
}
