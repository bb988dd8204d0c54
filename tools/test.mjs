import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { findBrowser } from './browser.mjs'
import { MATRIX } from './fault-report.mjs'
import { findGpuAdapters } from './gpu-adapters.mjs'
import { OTHER_BROWSERS } from './other-browsers.mjs'
import { recordPlaywrightReport } from './playwright-report.mjs'
import { ROOT, runScript, step } from './run-command.mjs'
import { ensureBuild, ensureDependencies, ensureNode } from './setup.mjs'

/** @typedef {import('./vitest-report.mjs').TestRecord} TestRecord */

const HELP = `Usage: npm test -- [options] [filter]

Installs, builds, and runs the unit tests (node), the browser tests (Chromium, and of the
stores Firefox and WebKitGTK where they are installed) and the end-to-end tests (Chromium, and
of pages that installed the packages the other two).

  filter   run only the test files whose path contains this text
  --all    run the slow lanes (NESTLING_TEST_ALL=1) and those of --perf too
  --perf   run the tests that judge times, and no other; leave the machine alone meanwhile
  --faults let everything go wrong that can go wrong in a real worker, on WASM and on WebGPU, and run no other test
  --help   print this text

NESTLING_BROWSER names the Chrome or Chromium to use. Reports lie in test-results/.`

/** Of `npm test` and `npm run test:perf`, and of `npm run test:all`. */
const TOTAL_TIMEOUT_MS = { normal: 30 * 60_000, all: 60 * 60_000 }
const SLOW_TEST_MS = 5000
const SLOWEST_SHOWN = 10
const NOTE_LENGTH = 1500
const REPORTS = join(ROOT, 'test-results')

/**
 * @typedef {object} Lane
 * @property {string} name Also the name of its report.
 * @property {string} command The package whose command runs.
 * @property {readonly string[]} args
 * @property {Record<string, string>} [env]
 */

/**
 * @typedef {object} Choice What of all tests runs.
 * @property {boolean} isAll The slow lanes too, and those that judge times.
 * @property {boolean} isPerf Only those that judge times.
 * @property {boolean} isFaults Only the whole matrix of faults.
 * @property {string | undefined} filter
 */

/**
 * @param {Choice} choice
 * @param {readonly import('./gpu-adapters.mjs').GpuAdapter[]} adapters
 * @returns {readonly Lane[][]} Lanes of one list run side by side.
 */
function listLanes({ isAll, isPerf, isFaults, filter }, adapters) {
  const files = filter === undefined ? [] : [filter]
  /**
   * @param {string} name
   * @param {{ projects?: readonly string[], more?: readonly string[], env?: Record<string, string> }} [options]
   * @returns {Lane}
   */
  const vitest = (name, { projects = [name], more = [], env = {} } = {}) => {
    const report = ['--reporter=default', '--reporter=./tools/vitest-report.mjs']
    const run = ['run', '--config', 'vite.config.ts', '--passWithNoTests', ...report]
    const args = [...run, ...projects.map((project) => `--project=${project}`), ...files, ...more]
    return { name, command: 'vitest', args, env }
  }
  // Playwright takes a regular expression.
  const patterns = files.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  /** @param {string} name @param {string} [project] @returns {Lane} */
  const playwright = (name, project = name) => {
    // With a space it would take the patterns for projects too.
    const run = ['test', '-c', 'e2e/playwright.config.ts', '--pass-with-no-tests', `--project=${project}`]
    return { name, command: 'playwright', args: [...run, ...patterns] }
  }
  const table = ['--reporter=./tools/fault-report.mjs']
  if (isFaults) {
    const env = { NESTLING_TEST_ALL: '1' }
    return [[vitest('faults', { projects: ['browser'], more: [...table, MATRIX], env })]]
  }
  // One after another: whatever ran beside them would be in their times.
  const perf = [[vitest('perf')], [vitest('perf-browser')], [playwright('perf-e2e', 'perf')]]
  if (isPerf) return perf
  const others = OTHER_BROWSERS.filter(({ find }) => find() !== undefined)
  const isolated = { projects: ['browser', 'waiting', 'webgpu'], more: table, env: { NESTLING_ISOLATED: '1' } }
  return [
    // Shaders are compiled on one core.
    [vitest('unit'), vitest('webgpu'), playwright('consumers')],
    // A page computes on one core for most of its time, or waits.
    [vitest('browser', { more: table }), playwright('e2e'), vitest('waiting')],
    adapters.map(({ name, env }) => vitest(`gpu-${name}`, { projects: ['gpu'], env: { ...env, NESTLING_GPU: name } })),
    ...others.map(({ name }) => [vitest(name)]),
    ...(isAll ? [[vitest('isolated', isolated)], ...perf] : []),
  ]
}

/**
 * @param {readonly import('./gpu-adapters.mjs').MissingAdapter[]} adapters
 * @returns {TestRecord[]} What cannot run here, and why.
 */
function listNotRun(adapters) {
  /** @param {string} title @param {string} reason @returns {TestRecord} */
  const skipped = (title, reason) => ({ title, state: 'skipped', durationMs: 0, note: `not run: ${reason}` })
  const browsers = OTHER_BROWSERS.filter(({ find }) => find() === undefined)
  return [
    ...browsers.map(({ name, packages }) => skipped(`[${name}] stores`, `${packages} is not installed`)),
    ...adapters.map(({ name, reason }) => skipped(`[gpu-${name}] kernels`, reason)),
  ]
}

/**
 * @param {Lane} lane
 * @returns {TestRecord[]}
 */
function readReport({ name, command }) {
  const file = join(REPORTS, `${name}.json`)
  if (!existsSync(file)) return []
  const report = /** @type {unknown} */ (JSON.parse(readFileSync(file, 'utf8')))
  if (command === 'vitest') return /** @type {TestRecord[]} */ (report)
  return recordPlaywrightReport(/** @type {import('playwright/types/testReporter').JSONReport} */ (report))
}

/**
 * @typedef {object} LaneOptions
 * @property {number} timeoutMs
 * @property {Record<string, string>} env
 * @property {boolean} isFiltered
 */

/**
 * Runs lanes side by side. The first shows what it prints at once, each other when it has ended.
 *
 * @param {readonly Lane[]} lanes
 * @param {LaneOptions} options
 * @returns {Promise<TestRecord[]>}
 */
async function runLanes(lanes, options) {
  const running = lanes.map((lane, index) => runLane(lane, options, index > 0))
  const records = []
  for (const lane of running) records.push(...(await lane))
  return records
}

/**
 * Runs one lane. A runner that crashes, hangs or runs nothing gives a failed record of its own.
 *
 * @param {Lane} lane
 * @param {LaneOptions} options
 * @param {boolean} isBeside Whether another lane shows what it prints meanwhile.
 * @returns {Promise<TestRecord[]>}
 */
async function runLane(lane, { timeoutMs, env, isFiltered }, isBeside) {
  const report = { NESTLING_TEST_REPORT: join(REPORTS, `${lane.name}.json`) }
  const laneEnv = { ...env, ...lane.env, ...report }
  const result = await step(`Tests: ${lane.name}${isBeside ? ', beside it' : ''}`, async () => {
    const ended = await runScript(lane.command, lane.args, { timeoutMs, env: laneEnv, capture: isBeside })
    if (isBeside) console.log(`> Tests: ${lane.name}\n${ended.output}`)
    return ended
  })
  const records = readReport(lane).map((record) => ({ ...record, title: `[${lane.name}] ${record.title}` }))
  const problem = laneProblem(result, records, { timeoutMs, isFiltered })
  if (problem === undefined) return records
  return [...records, { title: `[${lane.name}]`, state: 'failed', durationMs: 0, note: problem }]
}

/**
 * @param {import('./run-command.mjs').CommandResult} result
 * @param {readonly TestRecord[]} records
 * @param {{ timeoutMs: number, isFiltered: boolean }} options
 * @returns {string | undefined}
 */
function laneProblem(result, records, { timeoutMs, isFiltered }) {
  if (result.isTimedOut) return `the runner was ended after ${Math.round(timeoutMs / 1000)} s`
  const isFailed = records.some(({ state }) => state === 'failed')
  if (result.code !== 0 && !isFailed) return `the runner ended with status ${result.code}`
  const isRun = records.some(({ state }) => state !== 'skipped')
  return isRun || isFiltered ? undefined : 'the runner ran no test'
}

/** @param {string} text */
function indent(text) {
  return text.trim().slice(0, NOTE_LENGTH).replaceAll(/^/gm, '    ')
}

/** @param {readonly TestRecord[]} records */
function printDetails(records) {
  const slow = records.filter(({ durationMs }) => durationMs >= SLOW_TEST_MS)
  const slowest = slow.sort((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST_SHOWN)
  if (slowest.length > 0) console.log('\nSlowest tests:')
  for (const { title, durationMs } of slowest) console.log(`  ${(durationMs / 1000).toFixed(1)} s  ${title}`)
  const failed = records.filter(({ state }) => state === 'failed')
  if (failed.length > 0) console.log('\nFailed:')
  for (const { title, note } of failed) console.log(`  ${title}\n${indent(note)}`)
  const skipped = records.filter(({ state }) => state === 'skipped')
  if (skipped.length > 0) console.log('\nSkipped:')
  for (const { title, note } of skipped) console.log(`  ${title}${note === '' ? '' : `: ${note}`}`)
}

/**
 * Prints the closing line, which other programs read.
 *
 * @param {readonly TestRecord[]} records
 * @returns {boolean} Whether all is well.
 */
function printSummary(records) {
  /** @param {TestRecord['state']} wanted */
  const count = (wanted) => records.filter(({ state }) => state === wanted).length
  console.log(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`)
  return count('failed') === 0
}

/**
 * @param {Choice} choice
 * @returns {Promise<TestRecord[]>}
 */
async function runTests(choice) {
  const { isAll, isPerf, isFaults, filter } = choice
  const deadlineMs = performance.now() + TOTAL_TIMEOUT_MS[isAll ? 'all' : 'normal']
  ensureNode()
  await ensureDependencies()
  await ensureBuild()
  const { executablePath, source } = await findBrowser({ install: true })
  console.log(`> Browser: ${executablePath} (${source})`)
  rmSync(REPORTS, { recursive: true, force: true })
  mkdirSync(REPORTS, { recursive: true })
  const env = { NESTLING_BROWSER: executablePath, ...(isAll ? { NESTLING_TEST_ALL: '1' } : {}) }
  const adapters = isPerf || isFaults ? { found: [], missing: [] } : await findGpuAdapters(executablePath)
  /** @type {TestRecord[]} */
  const records = isPerf || isFaults ? [] : listNotRun(adapters.missing)
  for (const lanes of listLanes(choice, adapters.found)) {
    const timeoutMs = Math.max(1000, deadlineMs - performance.now())
    records.push(...(await runLanes(lanes, { timeoutMs, env, isFiltered: filter !== undefined })))
  }
  if (!records.some(({ state }) => state !== 'skipped')) {
    records.push({ title: 'npm test', state: 'failed', durationMs: 0, note: 'no test was run' })
  }
  writeFileSync(join(REPORTS, 'summary.json'), JSON.stringify(records, undefined, 2))
  return records
}

/** @returns {Promise<TestRecord[]>} */
async function runOrReport() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      perf: { type: 'boolean', default: false },
      faults: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    process.exit(0)
  }
  const { all: isAll, perf, faults: isFaults } = values
  return await runTests({ isAll, isPerf: perf && !isAll, isFaults, filter: positionals[0] })
}

const records = await runOrReport().catch((/** @type {unknown} */ error) => {
  const note = error instanceof Error ? error.message : String(error)
  return [/** @type {TestRecord} */ ({ title: 'set-up', state: 'failed', durationMs: 0, note })]
})
printDetails(records)
const code = printSummary(records) ? 0 : 1
// The line must be out before the end, also through a pipe.
process.stdout.write('', () => process.exit(code))
