import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { findBrowser, launchArgs } from './browser.mjs'
import { ROOT, secondsSince, SIGNALS, step } from './run-command.mjs'
import { serve } from './serve.mjs'
import { ensureBuild, ensureDependencies, ensureNode } from './setup.mjs'

const HELP = `Usage: npm start -- [options]

Installs, builds, serves the examples, embeds three sentences in a headless browser, and ends with the playground's address.

  --exit             end after the embeddings are printed instead of serving on
  --port N           serve on port N, or the next free one (default 4173)
  --device DEVICE    auto, webgpu or wasm (default auto); webgpu runs on the CPU, slowly, where there is no GPU
  --timeout SECONDS  how long the page may take (default 300)
  --rebuild          build even where nothing changed
  --help             print this text

NESTLING_BROWSER names the Chrome or Chromium to use.`

const EXAMPLE = 'first-embeddings'

/** The page to look at; its address is the last line. */
const PLAYGROUND = 'playground'
const POLL_INTERVAL_MS = 100
const LAUNCH_TIMEOUT_MS = 60_000
const EXPECTED_SHAPE = [3, 384]

/**
 * @typedef {object} PageResult What the example writes into its `#result`.
 * @property {string} device
 * @property {string} engine
 * @property {string} runtime
 * @property {number[]} shape
 * @property {number[][]} similarity
 * @property {number} loadMs
 * @property {number} encodeMs
 */

/**
 * @typedef {object} StartOptions
 * @property {boolean} isShort
 * @property {number} port
 * @property {string} device
 * @property {number} timeoutMs
 * @property {boolean} isRebuild
 */

/** @returns {StartOptions | undefined} */
function readOptions() {
  const { values } = parseArgs({
    options: {
      exit: { type: 'boolean', default: false },
      port: { type: 'string', default: '4173' },
      device: { type: 'string', default: 'auto' },
      timeout: { type: 'string', default: '300' },
      rebuild: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const [port, seconds] = [Number(values.port), Number(values.timeout)]
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`Cannot serve as --port must be an integer from 0 to 65535: current value is ${values.port}`)
  }
  if (!(seconds > 0)) {
    throw new RangeError(`Cannot start as --timeout must be a number above 0: current value is ${values.timeout}`)
  }
  if (!['auto', 'webgpu', 'wasm'].includes(values.device)) {
    throw new TypeError(`Cannot start as --device must be auto, webgpu or wasm: current value is ${values.device}`)
  }
  const { device, exit: isShort, rebuild: isRebuild } = values
  return { isShort, port, device, timeoutMs: seconds * 1000, isRebuild }
}

/** URL prefixes of the built examples. */
function exampleRoots() {
  const folder = join(ROOT, 'examples')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const built = names.filter((name) => existsSync(join(folder, name, 'dist/index.html')))
  for (const needed of [EXAMPLE, PLAYGROUND]) {
    if (built.includes(needed)) continue
    throw new Error(
      `Cannot start as examples/${needed}/dist/index.html does not exist\nRun the command again with --rebuild`,
    )
  }
  return Object.fromEntries(built.map((name) => [`/${name}`, join(folder, name, 'dist')]))
}

/**
 * Keeps what the page complains about.
 *
 * @param {import('playwright').Page} page
 */
function collectMessages(page) {
  /** @type {string[]} */
  const messages = []
  page.on('console', (message) => messages.push(`console.${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => messages.push(`uncaught: ${error.stack ?? error.message}`))
  page.on('crash', () => messages.push('the page crashed'))
  page.on('requestfailed', (request) => {
    messages.push(`request failed: ${request.url()} ${request.failure()?.errorText ?? ''}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) messages.push(`HTTP ${response.status()}: ${response.url()}`)
  })
  return messages
}

/** @param {import('playwright').Page} page */
function readPage(page) {
  return page.evaluate(() => ({
    state: document.documentElement.dataset.state ?? '',
    progress: document.documentElement.dataset.progress ?? '',
    result: document.querySelector('#result')?.textContent ?? '',
  }))
}

/**
 * Waits for the page to be done, printing its progress.
 *
 * @param {import('playwright').Page} page
 * @param {AbortSignal} signal Ends it; the page's own thread may be too busy to answer.
 * @returns {Promise<string>} Text of `#result`.
 */
async function waitForResult(page, signal) {
  const start = performance.now()
  let shown = ''
  /** @type {Promise<never>} */
  const aborted = new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(
        new Error(`Cannot embed as the page was not done after ${secondsSince(start)}: last progress was "${shown}"`),
      )
    })
  })
  for (;;) {
    const { state, progress, result } = await Promise.race([readPage(page), aborted])
    if (progress !== shown && progress !== '') console.log(`  ${secondsSince(start).padStart(7)}  ${progress}`)
    shown = progress
    if (state === 'done') return result
    if (state === 'failed') throw new Error(`Cannot embed as the page failed: ${result || progress}`)
    await Promise.race([page.waitForTimeout(POLL_INTERVAL_MS), aborted])
  }
}

/**
 * Opens the example in a headless browser and reads its result.
 *
 * @param {string} url
 * @param {StartOptions} options
 * @returns {Promise<PageResult>}
 */
async function embedInBrowser(url, { device, timeoutMs }) {
  const { executablePath, source } = await findBrowser({ install: true })
  const { chromium } = await import('playwright')
  const args = launchArgs({ webgpu: device === 'webgpu' })
  const browser = await chromium.launch({ executablePath, args, headless: true, timeout: LAUNCH_TIMEOUT_MS })
  try {
    console.log(`  browser: ${executablePath} ${browser.version()} (${source})`)
    const page = await browser.newPage()
    const messages = collectMessages(page)
    try {
      await page.goto(url, { timeout: timeoutMs })
      /** @type {unknown} */
      const result = JSON.parse(await waitForResult(page, AbortSignal.timeout(timeoutMs)))
      return /** @type {PageResult} */ (result)
    } catch (error) {
      for (const message of messages) console.error(`  ${message}`)
      throw error
    }
  } finally {
    await browser.close()
  }
}

/**
 * Throws unless the numbers are plausible: shape, unit self-similarity, symmetry.
 *
 * @param {PageResult} result
 */
function assertPlausible({ shape, similarity }) {
  const [count = 0] = EXPECTED_SHAPE
  const isSquare = similarity.length === count && similarity.every((row) => row.length === count)
  const isCosine = similarity.every((row, i) =>
    row.every(
      (value, j) => Math.abs(value - (similarity[j]?.[i] ?? NaN)) < 1e-4 && (i !== j || Math.abs(value - 1) < 1e-3),
    ),
  )
  if (String(shape) === String(EXPECTED_SHAPE) && isSquare && isCosine) return
  throw new Error(
    `Cannot accept the embeddings as their shape must be [${EXPECTED_SHAPE.join(', ')}] with a symmetric similarity of diagonal 1: current values are ${JSON.stringify({ shape, similarity })}`,
  )
}

/** @param {PageResult} result */
function printResult(result) {
  const rows = result.similarity.map((row) => `    ${row.map((value) => value.toFixed(4).padStart(7)).join('  ')}`)
  console.log(`
  device ${result.device}
  engine ${result.engine}
  runtime ${result.runtime}
  shape [${result.shape.join(', ')}]
  similarity
${rows.join('\n')}
  load ${(result.loadMs / 1000).toFixed(2)} s
  encode ${(result.encodeMs / 1000).toFixed(2)} s
`)
}

async function main() {
  ensureNode()
  const options = readOptions()
  if (options === undefined) {
    console.log(HELP)
    return
  }
  await ensureDependencies()
  await ensureBuild({ force: options.isRebuild })
  const roots = exampleRoots()
  const server = await serve({ roots, port: options.port })
  try {
    const query = options.device === 'auto' ? '' : `?device=${options.device}`
    const url = `${server.url}/${EXAMPLE}/${query}`
    const result = await step(`Embedding three sentences at ${url}`, () => embedInBrowser(url, options))
    printResult(result)
    assertPlausible(result)
    if (options.isShort) return
    const others = Object.keys(roots).filter((prefix) => prefix !== `/${PLAYGROUND}`)
    console.log(
      `Examples, served until Ctrl-C:\n${others.map((prefix) => `  ${server.url}${prefix}/`).join('\n')}\n\nPlayground: ${server.url}/${PLAYGROUND}/`,
    )
    await Promise.race(SIGNALS.map((signal) => once(process, signal)))
  } finally {
    await server.close()
  }
}

main().then(
  // A browser or a download that does not let go must not keep a finished command alive.
  () => process.exit(0),
  (/** @type {unknown} */ error) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  },
)
