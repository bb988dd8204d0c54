import { addHybrid, keepRows } from './hybrid.mjs'
import { importPackage } from './import-package.mjs'
import { addPrecisions } from './precisions.mjs'

/**
 * @typedef {object} StsData
 * @property {'sts'} kind
 * @property {readonly string[]} sentences1
 * @property {readonly string[]} sentences2
 * @property {readonly number[]} scores
 */

/**
 * @typedef {object} RetrievalData
 * @property {'retrieval'} kind
 * @property {Readonly<Record<string, string>>} corpus
 * @property {Readonly<Record<string, string>>} queries
 * @property {Readonly<Record<string, readonly string[]>>} relevant
 */

/** @typedef {StsData | RetrievalData} EvaluationData */

/**
 * @typedef {object} RunRequest
 * @property {string | null} url The model folder; null for the package.
 * @property {import('../../packages/nestling/dist/index.js').LoadOptions} load
 * @property {readonly number[] | null} dims Null for those of the model.
 * @property {EvaluationData} data
 * @property {boolean} hybrid Whether keywords are measured, too, alone and together with the vectors.
 * @property {boolean} precisions Whether indexes of each precision are measured, too.
 */

/**
 * @typedef {object} EvaluationAnswer
 * @property {import('../../packages/nestling/dist/index.js').EmbedderReport} report
 * @property {readonly import('../../packages/evaluate/dist/index.js').Evaluation[]} evaluations
 * @property {string} markdown
 * @property {number} seconds Without loading the model.
 */

/** @param {EvaluationData} data */
async function makeEvaluator(data) {
  const { EmbeddingSimilarityEvaluator, InformationRetrievalEvaluator } = await importPackage('evaluate')
  if (data.kind === 'sts') {
    const { sentences1, sentences2, scores } = data
    return new EmbeddingSimilarityEvaluator({ sentences1, sentences2, scores })
  }
  const { corpus, queries, relevant } = data
  return new InformationRetrievalEvaluator({ corpus, queries, relevantDocs: relevant })
}

/** @param {string | null} url */
export async function findModel(url) {
  if (url !== null) return url
  return (await importPackage('minilm-l6')).minilmL6
}

/**
 * Loads a model through the public API, in a worker, and evaluates it. Runs on Node, and in a page as it is: a compiler's helpers would be
 * missing there.
 *
 * @param {RunRequest} request
 * @param {(fraction: number) => void} onProgress
 * @returns {Promise<EvaluationAnswer>}
 */
export async function runEvaluation({ url, load: options, dims, data, hybrid, precisions }, onProgress) {
  const { load } = await importPackage('nestling')
  const { evaluationsToMarkdown, matryoshkaTable } = await importPackage('evaluate')
  const evaluator = await makeEvaluator(data)
  const embedder = await load(await findModel(url), options)
  try {
    const started = performance.now()
    const rows = keepRows(embedder)
    const vectors = await matryoshkaTable(evaluator, hybrid || precisions ? rows.embedder : embedder, {
      dims: dims ?? embedder.nestedDims ?? [embedder.dim],
      // Of texts to find, the model's own similarity is what counts, as in Python.
      similarityFnNames: data.kind === 'sts' ? undefined : [embedder.similarityFunction],
      onProgress: ({ fraction }) => {
        onProgress(fraction)
      },
    })
    let evaluations = vectors
    if (hybrid && data.kind === 'retrieval') evaluations = await addHybrid(evaluations, data, rows)
    if (precisions && data.kind === 'retrieval') evaluations = await addPrecisions(evaluations, data, rows)
    const seconds = (performance.now() - started) / 1000
    return { report: embedder.report, evaluations, markdown: evaluationsToMarkdown(evaluations), seconds }
  } finally {
    await embedder.dispose()
  }
}
