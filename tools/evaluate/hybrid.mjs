import { importPackage } from './import-package.mjs'

/**
 * @typedef {import('../../packages/evaluate/dist/index.js').Evaluation} Evaluation
 * @typedef {import('../../packages/evaluate/dist/index.js').EvaluableEmbedder} EvaluableEmbedder
 * @typedef {import('../../packages/evaluate/dist/index.js').EncodeTexts} EncodeTexts
 * @typedef {import('../../packages/search/dist/index.js').FloatRows} FloatRows
 */

/** As many places as MAP@100 counts. */
const TOP_K = 100

/**
 * Keeps what was encoded, so that hybrid search needs no second pass through the model.
 *
 * @param {EvaluableEmbedder} embedder
 * @returns {{ embedder: EvaluableEmbedder, queries: FloatRows[], documents: FloatRows[] }}
 */
export function keepRows(embedder) {
  /** @param {'encodeQuery' | 'encodeDocument'} method @param {FloatRows[]} kept @returns {EncodeTexts} */
  const keep = (method, kept) => async (texts, options) => {
    const encode = (embedder[method] ?? embedder.encode).bind(embedder)
    const rows = await encode(texts, options)
    kept.push(/** @type {FloatRows} */ (rows))
    return rows
  }
  /** @type {FloatRows[]} */
  const queries = []
  /** @type {FloatRows[]} */
  const documents = []
  const { similarityFunction } = embedder
  return {
    embedder: {
      ...(similarityFunction === undefined ? {} : { similarityFunction }),
      encode: embedder.encode.bind(embedder),
      encodeQuery: keep('encodeQuery', queries),
      encodeDocument: keep('encodeDocument', documents),
    },
    queries,
    documents,
  }
}

/**
 * The leading components of rows that came in parts.
 *
 * @param {readonly FloatRows[]} parts
 * @param {number} dim
 * @returns {FloatRows}
 */
export function joinRows(parts, dim) {
  const width = Math.min(dim, parts[0]?.dim ?? dim)
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const data = new Float32Array(count * width)
  let row = 0
  for (const part of parts) {
    for (let index = 0; index < part.count; index++, row++) {
      data.set(part.data.subarray(index * part.dim, index * part.dim + width), row * width)
    }
  }
  return { data, count, dim: width }
}

/**
 * How an index is asked beside vectors alone. `hybrid` is the default of both together.
 *
 * @type {Readonly<Record<string, import('../../packages/search/dist/index.js').SearchOptions>>}
 */
const WAYS = {
  keywords: { mode: 'keywords' },
  ranks: { mode: 'hybrid', fusion: { kind: 'ranks' } },
  hybrid: { mode: 'hybrid' },
}

/**
 * Adds what keywords find, and what keywords and vectors find together, to the evaluations of vectors alone. An index of `@nestling/search`
 * is asked, as an application would.
 *
 * @param {readonly Evaluation[]} evaluations Of vectors alone.
 * @param {import('./run-evaluation.mjs').RetrievalData} data
 * @param {ReturnType<typeof keepRows>} rows What they were made from.
 * @returns {Promise<Evaluation[]>}
 */
export async function addHybrid(evaluations, { corpus, queries, relevant }, rows) {
  const documents = Object.entries(corpus).map(([id, text]) => ({ id, text }))
  // The evaluator leaves queries out for which nothing is right, and encodes the others in this order.
  const asked = Object.keys(queries).filter((id) => (relevant[id]?.length ?? 0) > 0)
  const similarity = rows.embedder.similarityFunction === 'dot' ? 'dot' : 'cosine'
  const added = []
  for (const evaluation of evaluations) {
    const dim = evaluation.truncateDim ?? Infinity
    const embeddings = joinRows(rows.documents, dim)
    const questions = joinRows(rows.queries, dim)
    const metrics = { ...evaluation.metrics }
    const index = await makeIndex({ dim: embeddings.dim, similarity })
    try {
      await index.add(documents, { embeddings: embeddings.data })
      for (const [way, options] of Object.entries(WAYS)) {
        const found = []
        for (const [place, id] of asked.entries()) {
          const embedding = questions.data.slice(place * questions.dim, (place + 1) * questions.dim)
          const hits = await index.search({ text: queries[id] ?? '', embedding }, { topK: TOP_K, ...options })
          found.push({ results: hits.map((hit) => String(hit.id)), relevant: new Set(relevant[id]) })
        }
        Object.assign(metrics, prefixed(way, await metricsOf(found)))
      }
    } finally {
      await index.dispose()
    }
    added.push({ ...evaluation, metrics })
  }
  return added
}

/**
 * Makes an index of the built package.
 *
 * @param {import('../../packages/search/dist/index.js').CreateIndexOptions} options
 * @returns {Promise<import('../../packages/search/dist/index.js').SearchIndex>}
 */
export async function makeIndex(options) {
  const { createIndex } = await importPackage('search')
  return createIndex(options)
}

/**
 * The cut-offs of the evaluator's defaults.
 *
 * @param {readonly { readonly results: readonly string[], readonly relevant: ReadonlySet<string> }[]} queries
 * @returns {Promise<Record<string, number>>}
 */
export async function metricsOf(queries) {
  const { accuracyAtK, mapAtK, mrrAtK, ndcgAtK, precisionAtK, recallAtK } = await importPackage('evaluate')
  const wanted = /** @type {const} */ ([
    ['accuracy', accuracyAtK, [1, 3, 5, 10]],
    ['precision', precisionAtK, [1, 3, 5, 10]],
    ['recall', recallAtK, [1, 3, 5, 10]],
    ['ndcg', ndcgAtK, [10]],
    ['mrr', mrrAtK, [10]],
    ['map', mapAtK, [100]],
  ])
  /** @type {Record<string, number>} */
  const means = {}
  for (const [name, metric, ks] of wanted) {
    for (const k of ks) {
      const sum = queries.reduce((total, { results, relevant }) => total + metric(results, relevant, k), 0)
      means[`${name}@${k}`] = sum / queries.length
    }
  }
  return means
}

/**
 * Puts a name before those of metrics.
 *
 * @param {string} prefix
 * @param {Readonly<Record<string, number>>} metrics
 * @returns {Record<string, number>}
 */
export function prefixed(prefix, metrics) {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}_${name}`, value]))
}
