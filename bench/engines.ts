import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { findBrowser, launchArgs } from '../tools/browser.mjs'
import { serve } from '../tools/serve.mjs'
import { bundlePage, BUNDLES } from './bundle-page.js'
import type { EngineRequest, EngineResult } from './page/engines.js'
import { ratioOf, spreadOf, type Spread } from './measure/statistics.js'
import { formatTable, ratioText } from './table.js'

const ROOT = join(import.meta.dirname, '..')

/** The second is ours: the first would be read from its right side alone. */
const SHAPES = [
  { texts: 32, tokens: 32 },
  { texts: 16, tokens: 128 },
  { texts: 1, tokens: 16 },
]

/** ONNX files of the peer by what they are called in the table. */
const ONNX_FILES = {
  'onnxruntime-web int8': 'onnx/model_quantized.onnx',
  'onnxruntime-web fp32': 'onnx/model.onnx',
}

/** How the engines are measured. */
export interface EngineBenchOptions {
  /** Folder of `all-MiniLM-L6-v2` as transformers.js reads it. */
  readonly peer: string
  readonly rounds: number
  readonly roundMs: number
}

/** One line of the table. */
export interface EngineRow {
  readonly name: string
  readonly texts: number
  readonly tokens: number
  readonly batchMs: Spread
  readonly tokensPerSecond: number
  /** How many times as fast as each peer, by rounds. */
  readonly ratios: Readonly<Record<string, Spread>>
  readonly cosineError: number
}

/** The result of a run. */
export interface EngineBench {
  readonly browser: string
  readonly rows: readonly EngineRow[]
  /** What was not run, and why. */
  readonly notRun: readonly string[]
}

/**
 * Measures the engines alone, each in one thread, in a page of a real Chromium.
 *
 * @param options - How.
 * @returns The measurements.
 */
export async function benchEngines(options: EngineBenchOptions): Promise<EngineBench> {
  const dist = join(ROOT, 'packages/nestling/dist')
  const runtime = readdirSync(join(dist, 'runtime'))
  const folderOf = (name: string): string => `/dist/runtime/${runtime.find((folder) => folder.startsWith(name)) ?? ''}`
  const kernels = folderOf('kernels@')
  const here = Object.entries(ONNX_FILES).filter(([, file]) => existsSync(join(options.peer, file)))
  const missing = Object.entries(ONNX_FILES).filter(([, file]) => !existsSync(join(options.peer, file)))
  await bundlePage(['engines'])
  const request: EngineRequest = {
    urls: {
      model: '/model/',
      kernels: { 'relaxed-simd': `${kernels}/relaxed-simd.wasm`, simd: `${kernels}/simd.wasm` },
      ort: folderOf('onnxruntime-web@1.30.0'),
      onnx: Object.fromEntries(here.map(([name, file]) => [name, `/peer/${file}`])),
    },
    shapes: SHAPES,
    rounds: options.rounds,
    roundMs: options.roundMs,
  }
  const model = join(ROOT, 'packages/minilm-l6/model')
  const { results, browser } = await runInPage(request, { '/dist': dist, '/model': model, '/peer': options.peer })
  return {
    browser,
    rows: results.map((result) => toRow(result, results)),
    notRun: missing.map(([name, file]) => `${name}: ${join(options.peer, file)} is missing`),
  }
}

async function runInPage(
  request: EngineRequest,
  roots: Readonly<Record<string, string>>,
): Promise<{ readonly results: EngineResult[]; readonly browser: string }> {
  const page = join(import.meta.dirname, 'page')
  // Not isolated: one thread for all.
  const server = await serve({ roots: { ...roots, '/page': page, '/bundle': BUNDLES }, port: 0, isolated: false })
  const { executablePath } = await findBrowser()
  const browser = await chromium.launch({ executablePath, args: launchArgs() })
  try {
    const tab = await browser.newPage()
    tab.setDefaultTimeout(0)
    await tab.goto(`${server.url}/page/`)
    const absolute = JSON.stringify(request).replaceAll(/"\//g, `"${server.url}/`)
    const call = `import('/bundle/engines.js').then(({ measureEngines }) => measureEngines(${absolute}))`
    return { results: await tab.evaluate<EngineResult[]>(call), browser: browser.version() }
  } finally {
    await browser.close()
    await server.close()
  }
}

function toRow(result: EngineResult, all: readonly EngineResult[]): EngineRow {
  const { name, shape, batchMs, cosineError } = result
  const peers = all.filter((peer) => peer.name in ONNX_FILES && peer.shape.texts === shape.texts)
  const ratios = peers.map((peer) => [peer.name, ratioOf(peer.batchMs, batchMs)] as const)
  const spread = spreadOf(batchMs)
  return {
    name,
    ...shape,
    batchMs: spread,
    tokensPerSecond: (shape.texts * shape.tokens * 1000) / spread.p50,
    ratios: Object.fromEntries(ratios),
    cosineError,
  }
}

/**
 * Writes measurements for people.
 *
 * @param bench - The measurements.
 * @returns Lines of text.
 */
export function engineTable({ browser, rows, notRun }: EngineBench): string {
  const peers = Object.keys(ONNX_FILES)
  const head = ['engine', 'shape', 'ms p50', 'ms p95', 'tokens/s', ...peers.map((name) => `x ${name}`), 'cosine error']
  const lines = rows.map((row) => [
    row.name,
    `[${row.texts}, ${row.tokens}]`,
    row.batchMs.p50.toFixed(2),
    row.batchMs.p95.toFixed(2),
    row.tokensPerSecond.toFixed(0),
    ...peers.map((peer) => ratioText(row.ratios[peer])),
    row.cosineError.toExponential(1),
  ])
  const title = `Engines alone, one thread, Chromium ${browser}; ratios are speeds, median of rounds and their extremes`
  return [title, '', formatTable({ head, lines }), ...notRun.map((reason) => `not run: ${reason}`)].join('\n')
}
