import type { CreateIndexOptions, SearchIndex, SearchMode } from '../../packages/search/dist/index.js'
import { makeDocuments, makeQueries, vectorsOf } from '../measure/search-documents.js'
import { spreadOf } from '../measure/statistics.js'

/** What a page is asked to measure. */
export interface SearchRequest {
  /** Module of `@nestling/search`. */
  readonly module: string
  readonly sentences: readonly string[]
  readonly documents: number
}

/** Milliseconds by what was done; what is no time has its unit in the name. */
export type SearchNumbers = Readonly<Record<string, number>>

/** What counts bytes, from outside of the page. */
type CountBytes = () => Promise<number>

const DIM = 384
const SEED = 20_261_130
const QUERIES = 60
/** Documents of an update that have another text. */
const CHANGED = 1000
/** Longer than an index waits before it writes its words. */
const WORDS_WRITTEN_MS = 4000

const MODES: readonly SearchMode[] = ['vectors', 'keywords', 'hybrid']

/** Gives vectors at once, so that what is measured is the index; it counts what it is asked for. */
function freeEmbedder(): { embedder: NonNullable<CreateIndexOptions['embedder']>; encoded: () => number } {
  let count = 0
  const space = { id: 'free', model: 'free' }
  const embedder = {
    dim: DIM,
    nestedDims: undefined,
    similarityFunction: 'cosine',
    prompts: {},
    space,
    encodeQuery: (text: string) => Promise.resolve({ data: vectorsOf([text], DIM), dim: DIM, shape: [DIM], space }),
    encodeDocument: (texts: readonly string[]) => {
      count += texts.length
      return Promise.resolve({ data: vectorsOf(texts, DIM), dim: DIM, shape: [texts.length, DIM], space })
    },
    chunk: (texts: readonly string[]) =>
      Promise.resolve(texts.map((text) => [{ text, start: 0, end: text.length, tokenCount: 0 }])),
  }
  // It has what an index asks for, of the class that rows come in.
  return { embedder: embedder as unknown as NonNullable<CreateIndexOptions['embedder']>, encoded: () => count }
}

async function openIndex({ module }: SearchRequest, embedder: CreateIndexOptions['embedder']): Promise<SearchIndex> {
  const search = (await import(/* @vite-ignore */ module)) as typeof import('../../packages/search/dist/index.js')
  return search.createIndex({ embedder, store: 'bench' })
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

async function usedMegabytes(): Promise<number> {
  return ((await navigator.storage.estimate()).usage ?? 0) / 2 ** 20
}

/** Adds documents and searches meanwhile. */
async function measureAdd(
  index: SearchIndex,
  documents: readonly { id: number; text: string }[],
): Promise<SearchNumbers> {
  const times: number[] = []
  let isOver = false
  const adding = timeOf(() => index.add(documents)).finally(() => {
    isOver = true
  })
  for (let turn = 0; !isOver as boolean; turn++) {
    times.push(await timeOf(() => index.search(documents[turn % documents.length]?.text ?? '')))
  }
  const { p50, highest } = spreadOf(times)
  return { add: await adding, 'search while adding, p50': p50, 'search while adding, longest': highest }
}

async function measureQueries(index: SearchIndex, queries: readonly string[]): Promise<SearchNumbers> {
  const numbers: Record<string, number> = {}
  for (const mode of MODES) {
    numbers[`first query, ${mode}`] = await timeOf(() => index.search(queries[0] ?? '', { mode }))
    const times: number[] = []
    for (const query of queries) times.push(await timeOf(() => index.search(query, { mode })))
    numbers[`query, ${mode}, p50`] = spreadOf(times).p50
  }
  return numbers
}

/**
 * Fills a stored index, asks it and changes it.
 *
 * @param request - The build and the texts.
 */
export async function fillIndex(request: SearchRequest): Promise<SearchNumbers> {
  const documents = makeDocuments(request.sentences, request.documents, SEED)
  const { embedder, encoded } = freeEmbedder()
  const index = await openIndex(request, embedder)
  const added = await measureAdd(index, documents)
  const asked = await measureQueries(index, makeQueries(documents, QUERIES))
  await new Promise((resolve) => setTimeout(resolve, WORDS_WRITTEN_MS))
  const [usedBefore, encodedBefore] = [await usedMegabytes(), encoded()]
  const unchanged = await timeOf(() => index.update(documents))
  await new Promise((resolve) => setTimeout(resolve, WORDS_WRITTEN_MS))
  const [usedAfter, encodedAgain] = [await usedMegabytes(), encoded() - encodedBefore]
  const others = documents.slice(0, CHANGED).map(({ id, text }) => ({ id, text: `${text} Changed.` }))
  const changed = await timeOf(() => index.update(others))
  await new Promise((resolve) => setTimeout(resolve, WORDS_WRITTEN_MS))
  await index.dispose()
  return {
    ...added,
    ...asked,
    'stored, MB': usedBefore,
    'update, nothing changed': unchanged,
    'texts that it encodes': encodedAgain,
    'stored after it, MB': usedAfter,
    [`update, ${CHANGED} changed`]: changed,
  }
}

/**
 * Opens the index again in a page that has nothing else.
 *
 * @param request - The build and the texts.
 * @param countBytes - Of the whole browser.
 */
export async function reopenIndex(request: SearchRequest, countBytes: CountBytes): Promise<SearchNumbers> {
  const { embedder } = freeEmbedder()
  const query = request.sentences[0] ?? ''
  const before = await countBytes()
  const started = performance.now()
  const index = await openIndex(request, embedder)
  await index.search(query)
  const opened = performance.now() - started
  const vectors = await countBytes()
  const words = await timeOf(() => index.search(query, { mode: 'keywords' }))
  const all = await countBytes()
  await index.dispose()
  return {
    'reopen, to the first answer': opened,
    'reopen, to the first words': words,
    'memory, MB': (vectors - before) / 2 ** 20,
    'memory with words, MB': (all - before) / 2 ** 20,
  }
}
