import { joinRows, makeIndex, metricsOf, prefixed } from './hybrid.mjs'

/**
 * @typedef {import('../../packages/evaluate/dist/index.js').Evaluation} Evaluation
 * @typedef {import('../../packages/search/dist/index.js').IndexPrecision} IndexPrecision
 */

/** As many places as the metrics that are measured count. */
const TOP_K = 100

/** @type {readonly IndexPrecision[]} */
const PRECISIONS = ['float32', 'int8', 'int4', 'int2', 'binary']

/**
 * Adds what an index of each precision finds, which compares with all its rows, to the evaluations of vectors alone.
 *
 * @param {readonly Evaluation[]} evaluations Of vectors alone.
 * @param {import('./run-evaluation.mjs').RetrievalData} data
 * @param {ReturnType<typeof import('./hybrid.mjs').keepRows>} rows What they were made from.
 * @returns {Promise<Evaluation[]>}
 */
export async function addPrecisions(evaluations, { corpus, queries, relevant }, rows) {
  const documents = Object.keys(corpus).map((id) => ({ id }))
  const asked = Object.keys(queries).filter((id) => (relevant[id]?.length ?? 0) > 0)
  const added = []
  for (const evaluation of evaluations) {
    const dim = evaluation.truncateDim ?? Infinity
    const embeddings = joinRows(rows.documents, dim)
    const questions = joinRows(rows.queries, dim)
    const metrics = { ...evaluation.metrics }
    for (const precision of PRECISIONS) {
      const index = await makeIndex({ dim: embeddings.dim, precision, scoring: 'exact' })
      try {
        await index.add(documents, { embeddings: embeddings.data })
        const found = []
        for (const [place, id] of asked.entries()) {
          const vector = questions.data.slice(place * questions.dim, (place + 1) * questions.dim)
          const hits = await index.search(vector, { topK: TOP_K })
          found.push({ results: hits.map((hit) => String(hit.id)), relevant: new Set(relevant[id]) })
        }
        const { rowBytes, rows: count } = await index.stats()
        const measured = prefixed(precision, await metricsOf(found))
        Object.assign(metrics, measured, { [`${precision}_bytes`]: rowBytes / count })
      } finally {
        await index.dispose()
      }
    }
    added.push({ ...evaluation, metrics })
  }
  return added
}
