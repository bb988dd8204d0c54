import { existsSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { bundlePage } from './bundle-page.js'
import type { BenchContext, CaseResult, Scale } from './cases/bench-context.js'
import { runBulkCase } from './cases/bulk.js'
import { runColdStartCase } from './cases/cold-start.js'
import { runDownloadCase } from './cases/downloads.js'
import { runMainThreadCase } from './cases/main-thread.js'
import { runMemoryCase } from './cases/memory.js'
import { runQueryCase } from './cases/query.js'
import { listEntries, REFERENCE, THREADS } from './contest.js'
import { describeEnvironment, type Environment } from './environment.js'
import type { Corpora } from './measure/corpora.js'
import { readProse } from './prose.js'
import { BenchSession, callPage } from './session.js'
import { formatTable } from './table.js'

/** Letters of the cases. */
export const CASES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const

/** What is to be measured. */
export interface CompareOptions {
  /** Folder of `all-MiniLM-L6-v2` as transformers.js reads it. */
  readonly peer: string
  readonly cases: readonly string[]
  readonly size: keyof typeof SCALES
  /** Most texts of (a) and of (b). */
  readonly maxTexts: number
  /** Texts of (b), a text a line. */
  readonly corpusFile: string | undefined
  readonly seed: number
  /** Whether pages are cross-origin isolated; each is measured. */
  readonly isolations: readonly boolean[]
  readonly onStep: (text: string) => void
}

/** What a corpus is like. */
interface CorpusFacts {
  readonly texts: number
  readonly tokens: number
  readonly shortest: number
  readonly longest: number
  /** Tokens that batches of 32 in the given order have, padding included. */
  readonly paddedTokens: number
}

/** The result of a run. */
export interface Comparison {
  readonly environment: Environment
  readonly scale: Scale
  readonly seed: number
  readonly corpora: Readonly<Record<'short' | 'mixed', CorpusFacts>>
  readonly results: readonly CaseResult[]
  /** What was not run, and why. */
  readonly notRun: readonly string[]
}

const FULL: Scale = {
  shortCount: 512,
  mixedCount: 500,
  queryCount: 400,
  short: { coldTexts: 128, rounds: 3 },
  // A turn of the peer takes most of a minute.
  mixed: { coldTexts: 32, rounds: 2 },
  isThorough: false,
  queryRounds: 10,
  queriesPerRound: 20,
  visits: 5,
}

const THOROUGH: Scale = {
  ...FULL,
  short: { coldTexts: 128, rounds: 7 },
  mixed: { coldTexts: 32, rounds: 5 },
  isThorough: true,
  queryRounds: 20,
  visits: 10,
}

const QUICK: Scale = {
  shortCount: 96,
  mixedCount: 64,
  queryCount: 40,
  short: { coldTexts: 32, rounds: 1 },
  mixed: { coldTexts: 16, rounds: 1 },
  isThorough: false,
  queryRounds: 2,
  queriesPerRound: 10,
  visits: 1,
}

const SCALES = { quick: QUICK, full: FULL, thorough: THOROUGH } as const

/**
 * Compares nestling with transformers.js in a real Chromium.
 *
 * @param options - What and how.
 * @returns The measurements.
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const scale = cutScale(SCALES[options.size], options.maxTexts)
  const hasPeer = existsSync(join(options.peer, 'onnx/model_quantized.onnx'))
  const notRun = hasPeer ? [] : [`transformers.js: ${join(options.peer, 'onnx/model_quantized.onnx')} is missing`]
  await bundlePage(['compare', 'peer-worker'])
  const { corpora, facts, browser, gpu } = await prepare(options, scale)
  if (gpu.name === undefined) notRun.push(`WebGPU: ${gpu.reason}`)
  const environment = describeEnvironment(gpu.name === undefined ? browser : `${browser}, ${gpu.name}`)
  const results: CaseResult[] = []
  for (const [index, isolated] of options.isolations.entries()) {
    const entries = listEntries({ isolated, hasPeer, hasGpu: gpu.name !== undefined })
    const context = { peer: options.peer, isolated, entries, corpora, scale, onStep: options.onStep }
    for (const id of options.cases) {
      // Isolated or not, the same files are downloaded.
      if (id === 'e' && index > 0) continue
      options.onStep(`(${id}) ${placeText(isolated)}`)
      // One case that fails must not take along what was measured.
      const result = await runCase(id, context, options).catch(String)
      if (typeof result === 'string') notRun.push(`(${id}), ${placeText(isolated)}: failed with ${result}`)
      else if (result === undefined) notRun.push(`(${id}): only Linux tells what processes share`)
      else results.push(result)
    }
  }
  if (!scale.isThorough && options.cases.includes('b') && hasPeer) {
    notRun.push('(b) one call and sorted batches of transformers.js fp32: --thorough runs them')
  }
  environment.load.end = loadavg()[0] ?? 0
  return { environment, scale, seed: options.seed, corpora: facts, results, notRun }
}

function cutScale(scale: Scale, maxTexts: number): Scale {
  const { shortCount, mixedCount } = scale
  return { ...scale, shortCount: Math.min(shortCount, maxTexts), mixedCount: Math.min(mixedCount, maxTexts) }
}

interface Prepared {
  readonly corpora: Corpora
  readonly facts: Comparison['corpora']
  readonly browser: string
  readonly gpu: { readonly name: string | undefined; readonly reason: string }
}

/** Makes the texts, and looks at the browser. */
async function prepare({ peer, corpusFile, seed }: CompareOptions, scale: Scale): Promise<Prepared> {
  const session = await BenchSession.start({ isolated: false, peer })
  try {
    const page = await session.open()
    const spec = { kind: 'nestling', name: REFERENCE, options: { device: 'wasm' } } as const
    const [load] = await callPage(page, 'loadAll', { specs: [spec], urls: session.urls })
    if (load?.failure !== undefined) throw new Error(load.failure)
    const { shortCount, mixedCount, queryCount } = scale
    const request = { sentences: readProse(), seed, shortCount, mixedCount, queryCount }
    const made = await callPage(page, 'makeCorpora', REFERENCE, request)
    const corpora = corpusFile === undefined ? made : { ...made, mixed: readCorpus(corpusFile).slice(0, mixedCount) }
    const factsOf = async (texts: readonly string[]): Promise<CorpusFacts> =>
      toFacts(await callPage(page, 'countTokens', REFERENCE, texts))
    const facts = { short: await factsOf(corpora.short), mixed: await factsOf(corpora.mixed) }
    return { corpora, facts, browser: session.browser.version(), gpu: await callPage(page, 'findGpu') }
  } finally {
    await session.close()
  }
}

/** No text twice: nestling would encode it once. */
function readCorpus(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/)
  return [...new Set(lines.filter((line) => line.trim() !== ''))]
}

const BATCH = 32

function toFacts(tokens: readonly number[]): CorpusFacts {
  let paddedTokens = 0
  for (let start = 0; start < tokens.length; start += BATCH) {
    const batch = tokens.slice(start, start + BATCH)
    paddedTokens += batch.length * Math.max(...batch)
  }
  return {
    texts: tokens.length,
    tokens: tokens.reduce((sum, count) => sum + count, 0),
    shortest: Math.min(...tokens),
    longest: Math.max(...tokens),
    paddedTokens,
  }
}

async function runCase(id: string, context: BenchContext, options: CompareOptions): Promise<CaseResult | undefined> {
  const { corpora, scale } = context
  const { short, mixed } = corpora
  if (id === 'a') {
    return runBulkCase(context, {
      id,
      title: `bulk, ${short.length} short sentences`,
      texts: short,
      scale: scale.short,
    })
  }
  if (id === 'b') {
    const what = options.corpusFile === undefined ? 'texts of mixed length' : `texts of ${options.corpusFile}`
    return runBulkCase(context, { id, title: `bulk, ${mixed.length} ${what}`, texts: mixed, scale: scale.mixed })
  }
  if (id === 'c') return runQueryCase(context)
  if (id === 'd') return runColdStartCase(context)
  if (id === 'e') return runDownloadCase(context)
  if (id === 'f') return runMainThreadCase(context)
  return runMemoryCase(context)
}

function placeText(isolated: boolean): string {
  return isolated ? `cross-origin isolated, ${THREADS} threads on both sides` : 'not isolated'
}

/**
 * Writes measurements for people.
 *
 * @returns Lines of text.
 */
export function comparisonText({ environment, corpora, results, notRun, seed }: Comparison): string {
  const { browser, processor, cores, features, system, versions, load } = environment
  const corpusText = ({ texts, tokens, shortest, longest, paddedTokens }: CorpusFacts): string =>
    `${texts} texts, ${tokens} tokens (${shortest} to ${longest}, mean ${(tokens / texts).toFixed(1)}), ${(paddedTokens / tokens).toFixed(2)} times as many with the padding of batches of 32 in order`
  return [
    `Chromium ${browser}; ${system}`,
    `${cores} cores of ${processor}; ${features.join(' ') || 'features not known on this system'}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join('; '),
    `load of the machine ${load.start.toFixed(2)} at the start, ${load.end.toFixed(2)} at the end; seed ${seed}`,
    `short: ${corpusText(corpora.short)}`,
    `mixed: ${corpusText(corpora.mixed)}`,
    'Ratios are medians of turns that follow each other, with their extremes; peer: transformers.js, batches of 32 in the given order',
    ...results.map(
      ({ id, title, isolated, table }) => `\n(${id}) ${title}; ${placeText(isolated)}\n${formatTable(table)}`,
    ),
    '',
    ...notRun.map((reason) => `not run: ${reason}`),
  ].join('\n')
}
