import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ratioOf, spreadOf, type Spread } from './measure/statistics.js'
import type { EngineRequest, EngineResult } from './page/engines.js'
import { runInPage } from './run-page.js'
import { formatTable, ratioText } from './table.js'

const ROOT = join(import.meta.dirname, '..')

/** The first is what targets are about, the others show long texts and a single query. */
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
  /** Milliseconds of the fastest batch. */
  readonly bestMs: number
  /** How many times as fast as each peer, by rounds. */
  readonly ratios: Readonly<Record<string, Spread>>
  /** The same of the fastest batches: what is left where the machine does other things as well. */
  readonly bestRatios: Readonly<Record<string, number>>
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
  const roots = { '/dist': dist, '/model': model, '/peer': options.peer }
  const call = { module: 'engines', name: 'measureEngines', request, roots }
  const { result: results, browser } = await runInPage<EngineResult[]>(call)
  return {
    browser,
    rows: results.map((result) => toRow(result, results)),
    notRun: missing.map(([name, file]) => `${name}: ${join(options.peer, file)} is missing`),
  }
}

function toRow(result: EngineResult, all: readonly EngineResult[]): EngineRow {
  const { name, shape, batchMs, bestMs, cosineError } = result
  const peers = all.filter((peer) => peer.name in ONNX_FILES && peer.shape.texts === shape.texts)
  const ratios = peers.map((peer) => [peer.name, ratioOf(peer.batchMs, batchMs)] as const)
  const spread = spreadOf(batchMs)
  return {
    name,
    ...shape,
    batchMs: spread,
    tokensPerSecond: (shape.texts * shape.tokens * 1000) / spread.p50,
    bestMs,
    ratios: Object.fromEntries(ratios),
    bestRatios: Object.fromEntries(peers.map((peer) => [peer.name, peer.bestMs / bestMs])),
    cosineError,
  }
}

/**
 * Writes measurements for people.
 *
 * @returns Lines of text.
 */
export function engineTable({ browser, rows, notRun }: EngineBench): string {
  const peers = Object.keys(ONNX_FILES)
  const head = [
    'engine',
    'shape',
    'ms best',
    'p50',
    'p95',
    'tokens/s',
    ...peers.map((name) => `x ${name}`),
    'cosine error',
  ]
  const lines = rows.map((row) => [
    row.name,
    `[${row.texts}, ${row.tokens}]`,
    row.bestMs.toFixed(2),
    row.batchMs.p50.toFixed(2),
    row.batchMs.p95.toFixed(2),
    row.tokensPerSecond.toFixed(0),
    ...peers.map((peer) => bestAndRatio(row, peer)),
    row.cosineError.toExponential(1),
  ])
  const title = `Engines alone, one thread, Chromium ${browser}; ratios are of speeds: fastest batches; median of rounds (extremes)`
  return [title, '', formatTable({ head, lines }), ...notRun.map((reason) => `not run: ${reason}`)].join('\n')
}

function bestAndRatio({ ratios, bestRatios }: EngineRow, peer: string): string {
  const best = bestRatios[peer]
  return best === undefined ? 'not run' : `${best.toFixed(2)}; ${ratioText(ratios[peer])}`
}
