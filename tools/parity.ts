import { existsSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright'
import { findBrowser, launchArgs } from './browser.mjs'
import { compareWithGolden, readGoldenFile, type ParityResult } from './parity/compare.js'
import type { Encoded, PageRequest } from './parity/encode-golden.mjs'
import { parityTable, type ParityRun } from './parity/table.js'
import { serve } from './serve.mjs'

const HELP = `Usage: pnpm parity DIR... [options]

Loads each model folder through the public API in a real browser worker and compares it with its golden.json.
Prints a line a folder; ends with 1 when one fails.

  --device wasm|webgpu   where to run (wasm); webgpu is SwiftShader where there is no GPU
  --engine auto|onnx|kernels
                         what runs it (auto)
  --dtype fp32           what is computed with (fp32)
  --table FILE           writes a page of Markdown
  --json FILE            writes the results as JSON; - writes them to standard output and the lines to standard error`

const ROOT = join(import.meta.dirname, '..')

/** |a - b| <= tolerance * max(1, max|row of b|) */
const TOLERANCE = { wasm: 2e-4, webgpu: 5e-4 } as const

/** SwiftShader needs minutes for a larger model. */
const MODEL_TIMEOUT_MS = 600_000

interface Options {
  readonly folders: readonly string[]
  readonly device: keyof typeof TOLERANCE
  readonly engine: PageRequest['engine']
  readonly json: string | undefined
  readonly table: string | undefined
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      device: { type: 'string', default: 'wasm' },
      engine: { type: 'string', default: 'auto' },
      dtype: { type: 'string', default: 'fp32' },
      json: { type: 'string' },
      table: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || positionals.length === 0) {
    process.stdout.write(`${HELP}\n`)
    process.exit(values.help ? 0 : 1)
  }
  const { device, engine, dtype, json, table } = values
  if (device !== 'wasm' && device !== 'webgpu')
    throw new Error(`--device must be wasm or webgpu: current value is ${device}`)
  if (engine !== 'auto' && engine !== 'onnx' && engine !== 'kernels')
    throw new Error(`--engine must be auto, onnx or kernels: current value is ${engine}`)
  if (dtype !== 'fp32' && dtype !== 'auto') throw new Error(`--dtype must be fp32: current value is ${dtype}`)
  return { folders: positionals.map((folder) => resolve(folder)), device, engine, json, table }
}

/** As text, for the same reason that `encode-golden.mjs` is JavaScript. */
function encodeInPage(page: Page, request: PageRequest): Promise<Encoded> {
  const call = `import('/page/encode-golden.mjs').then(({ encodeGolden }) => encodeGolden(${JSON.stringify(request)}))`
  return page.evaluate<Encoded>(call)
}

async function checkFolder(page: Page, url: string, folder: string, options: Options): Promise<ParityResult> {
  const name = basename(folder)
  const started = performance.now()
  try {
    const golden = readGoldenFile(folder)
    const request: PageRequest = { url, device: options.device, engine: options.engine, golden: golden.inputs }
    const encoded = await encodeInPage(page, request)
    const compared = compareWithGolden(golden, encoded, TOLERANCE[options.device])
    return { name, ...compared, seconds: (performance.now() - started) / 1000 }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { name, tokenMismatches: NaN, maxError: NaN, minCosine: NaN, failures: [message], seconds: NaN }
  }
}

function lineOf({ name, tokenMismatches, maxError, minCosine, failures, seconds }: ParityResult): string {
  const verdict = failures.length === 0 ? 'PASS' : `FAIL ${failures.join('; ')}`
  const numbers = `tokens ${tokenMismatches}  max error ${maxError.toExponential(2)}  min cosine ${minCosine.toFixed(6)}`
  return `${name.padEnd(26)} ${numbers}  ${seconds.toFixed(1).padStart(5)} s  ${verdict}`
}

async function run(options: Options, say: (line: string) => void): Promise<ParityRun> {
  const dist = join(ROOT, 'packages/nestling/dist')
  if (!existsSync(join(dist, 'index.js'))) throw new Error('packages/nestling/dist is missing: run pnpm build first')
  const folders = options.folders.map((folder, index) => [`/models/${index}`, folder] as const)
  const roots = { ...Object.fromEntries(folders), '/nestling': dist, '/page': join(ROOT, 'tools/parity') }
  const server = await serve({ roots, port: 0 })
  const { executablePath } = await findBrowser()
  const browser = await chromium.launch({ executablePath, args: launchArgs({ webgpu: true }) })
  const { device } = options
  const tolerance = TOLERANCE[device]
  const results: ParityResult[] = []
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(MODEL_TIMEOUT_MS)
    await page.goto(`${server.url}/page/`)
    say(`device ${device}, tolerance ${tolerance}, Chromium ${browser.version()}`)
    for (const [path, folder] of folders) {
      const result = await checkFolder(page, `${server.url}${path}`, folder, options)
      results.push(result)
      say(lineOf(result))
    }
    return { device, tolerance, browser: browser.version(), results }
  } finally {
    await browser.close()
    await server.close()
  }
}

async function main(): Promise<boolean> {
  const options = readOptions()
  const stream = options.json === '-' ? process.stderr : process.stdout
  const say = (line: string): void => {
    stream.write(`${line}\n`)
  }
  const result = await run(options, say)
  const failed = result.results.filter(({ failures }) => failures.length > 0).length
  say(`${result.results.length - failed} passed, ${failed} failed`)
  if (options.table !== undefined) writeFileSync(options.table, parityTable(result))
  if (options.json !== undefined) {
    const text = `${JSON.stringify(result, null, 2)}\n`
    if (options.json === '-') process.stdout.write(text)
    else writeFileSync(options.json, text)
  }
  return failed === 0
}

process.exitCode = (await main()) ? 0 : 1
