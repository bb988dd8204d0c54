import { existsSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright'
import { findBrowser, launchArgs } from './browser.mjs'
import { findGpuAdapters } from './gpu-adapters.mjs'
import { compareWithGolden, readGoldenFile, type ParityLimits, type ParityResult } from './parity/compare.js'
import { encodeGolden, type Encoded, type PageRequest } from './parity/encode-golden.mjs'
import { parityTable, type ParityRun } from './parity/table.js'
import { runCommand } from './run-command.mjs'
import { serve } from './serve.mjs'

const HELP = `Usage: pnpm parity DIR... [options]

Loads each model folder through the public API in a real worker and compares it with its golden.json.
Prints a line a folder; ends with 1 when one fails.

  --device wasm|webgpu   where to run (wasm); webgpu is SwiftShader where there is no GPU
  --engine auto|onnx|kernels
                         what runs it (auto)
  --dtype fp32|fp16      what is computed with (fp32); fp16 needs shader-f16, and is held to cosines: .995 at least, .999 in the mean
  --adapter lavapipe|swiftshader
                         instead of a browser: Node, with Dawn on this adapter
  --table FILE           writes a page of Markdown
  --json FILE            writes the results as JSON; - writes them to standard output and the lines to standard error`

const ROOT = join(import.meta.dirname, '..')

/** |a - b| <= tolerance * max(1, max|row of b|) */
const TOLERANCE = { wasm: 2e-4, webgpu: 5e-4 } as const

const FLOAT16: ParityLimits = { lowest: 0.995, mean: 0.999 }

/** SwiftShader needs minutes for a larger model. */
const MODEL_TIMEOUT_MS = 600_000

interface Options {
  readonly folders: readonly string[]
  readonly device: keyof typeof TOLERANCE
  readonly engine: PageRequest['engine']
  readonly dtype: PageRequest['dtype']
  readonly adapter: string | undefined
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
      adapter: { type: 'string' },
      json: { type: 'string' },
      table: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || positionals.length === 0) {
    process.stdout.write(`${HELP}\n`)
    process.exit(values.help ? 0 : 1)
  }
  const { device, engine, dtype, adapter, json, table } = values
  if (device !== 'wasm' && device !== 'webgpu')
    throw new Error(`--device must be wasm or webgpu: current value is ${device}`)
  if (engine !== 'auto' && engine !== 'onnx' && engine !== 'kernels')
    throw new Error(`--engine must be auto, onnx or kernels: current value is ${engine}`)
  if (dtype !== 'fp32' && dtype !== 'fp16') throw new Error(`--dtype must be fp32 or fp16: current value is ${dtype}`)
  return { folders: positionals.map((folder) => resolve(folder)), device, engine, dtype, adapter, json, table }
}

type Encode = (request: PageRequest) => Promise<Encoded>

/** As text, for the same reason that `encode-golden.mjs` is JavaScript. */
function encodeInPage(page: Page): Encode {
  return (request) => {
    const call = `import('/page/encode-golden.mjs').then(({ encodeGolden }) => encodeGolden(${JSON.stringify(request)}))`
    return page.evaluate<Encoded>(call)
  }
}

async function checkFolder(
  encode: Encode,
  where: Pick<PageRequest, 'entry' | 'url'>,
  folder: string,
  { device, engine, dtype }: Options,
): Promise<ParityResult> {
  const name = basename(folder)
  const started = performance.now()
  try {
    const golden = readGoldenFile(folder)
    const encoded = await encode({ ...where, device, engine, dtype, golden: golden.inputs })
    const limits = dtype === 'fp16' ? FLOAT16 : { tolerance: TOLERANCE[device] }
    const compared = compareWithGolden(golden, encoded, limits)
    return { name, ...compared, seconds: (performance.now() - started) / 1000 }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const nothing = { tokenMismatches: NaN, maxError: NaN, minCosine: NaN, meanCosine: NaN, seconds: NaN }
    return { name, ...nothing, failures: [message] }
  }
}

function lineOf({ name, tokenMismatches, maxError, minCosine, failures, seconds }: ParityResult): string {
  const verdict = failures.length === 0 ? 'PASS' : `FAIL ${failures.join('; ')}`
  const numbers = `tokens ${tokenMismatches}  max error ${maxError.toExponential(2)}  min cosine ${minCosine.toFixed(6)}`
  return `${name.padEnd(26)} ${numbers}  ${seconds.toFixed(1).padStart(5)} s  ${verdict}`
}

const DIST = join(ROOT, 'packages/nestling/dist')

async function runInNode(options: Options, say: (line: string) => void): Promise<ParityRun> {
  const { device } = options
  const entry = pathToFileURL(join(DIST, 'node.js')).href
  const place = `Node ${process.version} with Dawn on ${options.adapter ?? ''}`
  say(`device ${device}, dtype ${options.dtype}, ${place}`)
  const results: ParityResult[] = []
  for (const folder of options.folders) {
    const result = await checkFolder(encodeGolden, { entry, url: folder }, folder, options)
    results.push(result)
    say(lineOf(result))
  }
  return { device, tolerance: TOLERANCE[device], place, results }
}

async function runInBrowser(options: Options, say: (line: string) => void): Promise<ParityRun> {
  const folders = options.folders.map((folder, index) => [`/models/${index}`, folder] as const)
  const roots = { ...Object.fromEntries(folders), '/nestling': DIST, '/page': join(ROOT, 'tools/parity') }
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
      const where = { entry: '/nestling/onnx.js', url: `${server.url}${path}` }
      const result = await checkFolder(encodeInPage(page), where, folder, options)
      results.push(result)
      say(lineOf(result))
    }
    return { device, tolerance, place: `Chromium ${browser.version()}`, results }
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
  if (!existsSync(join(DIST, 'index.js'))) throw new Error('packages/nestling/dist is missing: run pnpm build first')
  const result = await (options.adapter === undefined ? runInBrowser : runInNode)(options, say)
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

/** Vulkan reads its variables when a process starts. */
async function startOnAdapter(wanted: string): Promise<number> {
  const { executablePath } = await findBrowser()
  const { found, missing } = await findGpuAdapters(executablePath)
  const adapter = found.find(({ name }) => name === wanted)
  if (adapter === undefined) {
    const reason = missing.find(({ name }) => name === wanted)?.reason ?? 'it is not known'
    throw new Error(`Cannot run on ${wanted} as ${reason}`)
  }
  const env = { ...adapter.env, NESTLING_GPU: wanted }
  const args = [...process.execArgv, ...process.argv.slice(1)]
  return (await runCommand(process.execPath, args, { timeoutMs: MODEL_TIMEOUT_MS, env })).code
}

const { adapter } = readOptions()
if (adapter !== undefined && process.env['NESTLING_GPU'] !== adapter) process.exitCode = await startOnAdapter(adapter)
else process.exitCode = (await main()) ? 0 : 1
