import { measureBulk, type BulkResult } from '../measure/bulk.js'
import { measureColdStart, type ColdStart } from '../measure/cold-start.js'
import { allWorkers } from '../measure/contender.js'
import { createCorpora, type Corpora, type CorporaRequest } from '../measure/corpora.js'
import { pairCosines } from '../measure/cosines.js'
import { measureQueries, type QueryRequest, type QueryResult } from '../measure/query.js'
import { loadContender, type ContenderSpec, type Loaded, type PageUrls } from './contenders.js'

/** What the page is told to load. */
export interface LoadRequest {
  readonly specs: readonly ContenderSpec[]
  readonly urls: PageUrls
}

/** How a contender was loaded. */
export interface LoadResult {
  readonly name: string
  readonly loadMs: number
  /** Engine, build, dtype and threads of nestling. */
  readonly details: string
  readonly failure: string | undefined
}

/** Results as they go to Node: cosines of pairs in place of vectors. */
export type WithCosines<T> = Omit<T, 'vectors'> & { readonly cosines: readonly number[] }

const loaded = new Map<string, Loaded>()

/**
 * Loads contenders, one after another.
 *
 * @returns How each was loaded.
 */
export async function loadAll({ specs, urls }: LoadRequest): Promise<LoadResult[]> {
  const results: LoadResult[] = []
  for (const spec of specs) {
    const start = performance.now()
    try {
      const one = await loadContender(spec, urls)
      loaded.set(spec.name, one)
      results.push({ name: spec.name, loadMs: performance.now() - start, details: detailsOf(one), failure: undefined })
    } catch (error) {
      results.push({ name: spec.name, loadMs: NaN, details: '', failure: String(error) })
    }
  }
  return results
}

function detailsOf({ embedder }: Loaded): string {
  if (embedder === undefined) return ''
  const { device, engine, runtime, dtype, threads, workers } = embedder.report
  return `${device}, engine ${engine} (${runtime}, ${dtype}), threads ${threads}, workers up to ${workers.most}`
}

/**
 * Makes the corpora with the tokenizer of a contender.
 *
 * @param name - A contender that is nestling.
 * @param request - Prose and numbers.
 * @returns The texts.
 */
export function makeCorpora(name: string, request: Omit<CorporaRequest, 'countTokens'>): Promise<Corpora> {
  return createCorpora({ ...request, countTokens: (texts) => countTokens(name, texts) })
}

/**
 * Counts tokens.
 *
 * @param name - A contender that is nestling.
 */
export async function countTokens(name: string, texts: readonly string[]): Promise<number[]> {
  const embedder = loaded.get(name)?.embedder
  if (embedder === undefined) throw new Error(`${name} counts no tokens`)
  return Array.from(await embedder.countTokens(texts))
}

/** Bulk work of contenders that were loaded. */
export interface PageBulkRequest {
  readonly names: readonly string[]
  readonly texts: readonly string[]
  readonly coldTexts: number
  readonly rounds: number
  readonly onceOnly: readonly string[]
  readonly withoutCold: readonly string[]
}

/**
 * Measures bulk work.
 *
 * @param request - Who and what.
 * @returns The measurements.
 */
export async function runBulk({ names, ...request }: PageBulkRequest): Promise<WithCosines<BulkResult>[]> {
  const onTurn = (name: string, ms: number): void => {
    console.debug(`${name}: ${request.texts.length} texts in ${ms.toFixed(0)} ms`)
  }
  const results = await measureBulk(contendersOf(names), { ...request, onTurn }, async ({ name, encode }) => {
    const embedder = loaded.get(name)?.embedder
    if (embedder === undefined || embedder.report.workers.most === 1) return
    // Extra workers are started by the first long list.
    await encode(request.texts)
    await allWorkers(embedder)
  })
  return results.map(({ vectors, ...result }) => {
    return { ...result, cosines: vectors === undefined ? [] : pairCosines(vectors, request.texts.length) }
  })
}

/**
 * Gives the right cosines of texts.
 *
 * @param name - The contender whose vectors count as right.
 * @returns Cosines of pairs.
 */
export async function rightCosines(name: string, texts: readonly string[]): Promise<number[]> {
  const [contender] = contendersOf([name])
  return contender === undefined ? [] : pairCosines(await contender.encode(texts), texts.length)
}

/**
 * Measures queries.
 *
 * @param names - Contenders that were loaded.
 * @returns The measurements.
 */
export async function runQueries(names: readonly string[], request: QueryRequest): Promise<WithCosines<QueryResult>[]> {
  const results = await measureQueries(contendersOf(names), request)
  return results.map(({ vectors, ...result }) => {
    return { ...result, cosines: pairCosines(vectors, result.lastQueries.length) }
  })
}

function contendersOf(names: readonly string[]): Loaded['contender'][] {
  return names.map((name) => {
    const one = loaded.get(name)
    if (one === undefined) throw new Error(`${name} is not loaded`)
    return one.contender
  })
}

/**
 * Measures the way of this document to its first vector.
 *
 * @param spec - Who gives it.
 * @param urls - Where its files are.
 * @returns Times since the start of the navigation.
 */
export function coldStart(spec: ContenderSpec, urls: PageUrls): Promise<ColdStart> {
  return measureColdStart(async () => (await loadContender(spec, urls)).contender, 'Where does the ferry land?')
}

/**
 * Looks for a GPU.
 *
 * @returns Its name, or why there is none.
 */
export async function findGpu(): Promise<{ readonly name: string | undefined; readonly reason: string }> {
  if (!('gpu' in navigator)) return { name: undefined, reason: 'no WebGPU' }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null || adapter.info.isFallbackAdapter) return { name: undefined, reason: 'no hardware adapter' }
  const { vendor, architecture, description } = adapter.info
  return { name: [vendor, architecture, description].filter((part) => part !== '').join(' '), reason: '' }
}

let remembered: readonly string[] = []

/**
 * Keeps texts, so that handing them over is no part of what is measured.
 *
 * @param texts - Texts for {@link encodeRemembered}.
 */
export function remember(texts: readonly string[]): void {
  remembered = texts
}

/**
 * Encodes the texts that were kept, with all workers.
 *
 * @param name - A contender that was loaded.
 * @returns Numbers that came back.
 */
export async function encodeRemembered(name: string): Promise<number> {
  const [contender] = contendersOf([name])
  if (contender === undefined) return 0
  const { length } = await contender.encode(remembered)
  const embedder = loaded.get(name)?.embedder
  if (embedder === undefined || embedder.report.workers.most === 1) return length
  await allWorkers(embedder)
  return (await contender.encode(remembered)).length
}
