import { importPackage } from '../import-package.mjs'
import { findModel } from '../run-evaluation.mjs'
import { readPage } from './page-text.mjs'

/**
 * @typedef {object} SiteRequest
 * @property {string | null} url The model folder; null for the package.
 * @property {string} site Where its pages are.
 * @property {readonly string[]} pages Paths of the pages, which are their ids.
 * @property {import('./page-text.mjs').PageShape} shape
 * @property {import('../../../packages/search/dist/index.js').CreateIndexOptions} index
 * @property {readonly { readonly name: string, readonly options: import('../../../packages/search/dist/index.js').SearchOptions }[]} ways
 * @property {readonly string[]} queries
 */

/**
 * @typedef {object} SiteAnswer
 * @property {Readonly<Record<string, readonly (readonly string[])[]>>} found Ids by way and query, the best first.
 * @property {import('../../../packages/search/dist/index.js').IndexStats} stats
 * @property {number} addSeconds
 */

const FETCHED_AT_ONCE = 16

/**
 * @param {SiteRequest} request
 * @returns {Promise<{ id: string, text: string, metadata: { title: string } }[]>}
 */
async function readPages({ site, pages, shape }) {
  const parser = new DOMParser()
  const documents = []
  for (let start = 0; start < pages.length; start += FETCHED_AT_ONCE) {
    const some = pages.slice(start, start + FETCHED_AT_ONCE)
    const answers = await Promise.all(
      some.map(async (id) => {
        const response = await fetch(`${site}/${id}`)
        if (!response.ok) throw new Error(`Cannot read ${site}/${id}: the server answers ${response.status}`)
        return { id, html: await response.text() }
      }),
    )
    for (const { id, html } of answers) {
      const { title, text } = readPage(parser.parseFromString(html, 'text/html'), shape)
      documents.push({ id, text, metadata: { title } })
    }
  }
  return documents
}

/**
 * Makes an index of a site as its owner would, and asks it. Runs in the page.
 *
 * @param {SiteRequest} request
 * @param {(fraction: number) => void} onProgress
 * @returns {Promise<SiteAnswer>}
 */
export async function askSite(request, onProgress) {
  const { load } = await importPackage('nestling')
  const { createIndex } = await importPackage('search')
  // Passages are encoded for the first precision, and kept for the others and for the next run.
  const embedder = await load(await findModel(request.url), { device: 'wasm', cache: { embeddings: true } })
  const index = await createIndex({ ...request.index, embedder })
  try {
    const documents = await readPages(request)
    const started = performance.now()
    await index.add(documents, {
      onProgress: ({ done, total }) => {
        onProgress(done / total)
      },
    })
    const addSeconds = (performance.now() - started) / 1000
    /** @type {Record<string, string[][]>} */
    const found = {}
    for (const { name, options } of request.ways) {
      /** @type {string[][]} */
      const lists = []
      for (const query of request.queries) {
        lists.push((await index.search(query, options)).map(({ id }) => String(id)))
      }
      found[name] = lists
    }
    return { found, stats: await index.stats(), addSeconds }
  } finally {
    await index.dispose()
    await embedder.dispose()
  }
}
