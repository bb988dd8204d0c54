import process from 'node:process'
import { findBrowser } from './browser.mjs'
import { MATRIX } from './fault-report.mjs'
import { runScript } from './run-command.mjs'
import { ensureBuild, ensureDependencies, ensureNode } from './setup.mjs'

const HELP = `Usage: pnpm test:faults

Lets everything go wrong that can go wrong in a real worker, on WASM and on WebGPU, and prints a table.
Ends with 1 when a call hung or was lost. npm test runs the same cells.`

const TIMEOUT_MS = 20 * 60_000

if (process.argv.includes('--help')) {
  console.log(HELP)
  process.exit(0)
}
ensureNode()
await ensureDependencies()
await ensureBuild()
const { executablePath } = await findBrowser({ install: true })
const vitest = [
  'run',
  '--config',
  'vite.config.ts',
  '--project',
  'browser',
  '--reporter=./tools/fault-report.mjs',
  MATRIX,
]
const { code, isTimedOut } = await runScript('vitest', vitest, {
  timeoutMs: TIMEOUT_MS,
  env: { NESTLING_BROWSER: executablePath },
})
process.exitCode = isTimedOut ? 1 : code
