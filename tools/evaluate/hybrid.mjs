/**
 * @typedef {import('../../packages/evaluate/dist/index.js').Evaluation} Evaluation
 * @typedef {import('../../packages/evaluate/dist/index.js').EvaluableEmbedder} EvaluableEmbedder
 * @typedef {import('../../packages/evaluate/dist/index.js').EncodeTexts} EncodeTexts
 * @typedef {import('../../packages/search/dist/index.js').FloatRows} FloatRows
 * @typedef {import('../../packages/search/dist/index.js').Hit} Hit
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
 * Adds what keywords find, and what keywords and vectors find together, to the evaluations of vectors alone. All that searches is
 * `@nestling/search` as it is, with its defaults.
 *
 * @param {readonly Evaluation[]} evaluations Of vectors alone.
 * @param {import('./evaluate-in-page.mjs').RetrievalData} data
 * @param {ReturnType<typeof keepRows>} rows What they were made from.
 * @returns {Promise<Evaluation[]>}
 */
export async function addHybrid(evaluations, { corpus, queries, relevant }, rows) {
  const path = '/search/index.js'
  /** @type {typeof import('../../packages/search/dist/index.js')} */
  const { candidatesToFuse, createKeywordIndex, fuseByReciprocalRank, semanticSearch } =
    await /** @type {Promise<never>} */ (import(path))
  const ids = Object.keys(corpus)
  const index = await createKeywordIndex()
  index.add(ids.map((id) => ({ id, text: corpus[id] ?? '' })))
  // The evaluator leaves queries out for which nothing is right, and encodes the others in this order.
  const asked = Object.keys(queries).filter((id) => (relevant[id]?.length ?? 0) > 0)
  const candidates = candidatesToFuse(TOP_K)
  const byWords = asked.map((id) => index.search(queries[id] ?? '', candidates))
  /** @param {readonly (readonly Hit[])[]} lists */
  const measure = (lists) =>
    metricsOf(
      lists.map((hits, place) => ({
        results: hits.slice(0, TOP_K).map(({ id }) => String(id)),
        relevant: new Set(relevant[asked[place] ?? '']),
      })),
    )
  const keywords = prefixed('keywords', await measure(byWords))
  const added = []
  for (const evaluation of evaluations) {
    const dim = evaluation.truncateDim ?? Infinity
    const options = { topK: candidates, scoreFunction: rows.embedder.similarityFunction }
    const found = await semanticSearch(joinRows(rows.queries, dim), joinRows(rows.documents, dim), options)
    const byVectors = found.map((hits) => hits.map(({ corpusId, score }) => ({ id: ids[corpusId] ?? '', score })))
    const fused = byVectors.map((hits, place) => fuseByReciprocalRank([hits, byWords[place] ?? []]))
    const metrics = { ...evaluation.metrics, ...keywords, ...prefixed('hybrid', await measure(fused)) }
    added.push({ ...evaluation, metrics })
  }
  return added
}

/**
 * The cut-offs of the evaluator's defaults.
 *
 * @param {readonly { readonly results: readonly string[], readonly relevant: ReadonlySet<string> }[]} queries
 * @returns {Promise<Record<string, number>>}
 */
export async function metricsOf(queries) {
  const path = '/evaluate/index.js'
  /** @type {typeof import('../../packages/evaluate/dist/index.js')} */
  const metrics = await /** @type {Promise<never>} */ (import(path))
  const { accuracyAtK, mapAtK, mrrAtK, ndcgAtK, precisionAtK, recallAtK } = metrics
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
