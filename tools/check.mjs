import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import process from 'node:process'
import { ROOT, runScript, secondsSince } from './run-command.mjs'
import { ensureBuild, ensureDependencies, ensureNode, listWorkspaces } from './setup.mjs'

const CHECK_TIMEOUT_MS = 600_000
/** Checks that run side by side; each has one thread. */
const LANES = 2
const SINGLE_PROJECTS = ['tools', 'e2e', 'bench']
const PUBLISHED = ['packages/nestling', 'packages/minilm-l6', 'packages/evaluate', 'packages/search']

/** @type {Readonly<Record<string, string>>} */
const PACKAGE_OF_COMMAND = { tsc: 'typescript', attw: '@arethetypeswrong/cli' }

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} command The package whose command runs.
 * @property {readonly string[]} args
 */

/** @param {string} path */
function exists(path) {
  return existsSync(join(ROOT, path))
}

/** @returns {Check[]} */
function listTypeChecks() {
  const folders = [...listWorkspaces().map((folder) => relative(ROOT, folder)), ...SINGLE_PROJECTS]
  const names = ['tsconfig.json', 'tsconfig.node.json']
  const projects = folders.flatMap((folder) => names.map((name) => `${folder}/${name}`)).filter(exists)
  return projects.map((project) => {
    return { name: `types: ${project}`, command: 'tsc', args: ['--noEmit', '-p', project] }
  })
}

/** @returns {Check[]} */
function listChecks() {
  const published = PUBLISHED.filter((folder) => exists(`${folder}/dist`))
  return [
    // It takes longest: what comes after it runs beside it.
    { name: 'lint', command: 'eslint', args: ['--max-warnings', '0', '.'] },
    { name: 'format', command: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
    ...listTypeChecks(),
    { name: 'package graph', command: 'tsx', args: ['tools/check-package-graph.ts'] },
    { name: 'repeats', command: 'tsx', args: ['tools/check-repeats.ts'] },
    { name: 'docs', command: 'tsx', args: ['tools/check-docs.ts'] },
    { name: 'size', command: 'tsx', args: ['tools/check-size.ts'] },
    { name: 'unused code and dependencies', command: 'knip', args: ['--no-progress'] },
    { name: 'workspace', command: 'sherif', args: [] },
    ...published.map((folder) => ({ name: `package: ${folder}`, command: 'publint', args: ['--strict', folder] })),
    ...published.map((folder) => {
      return {
        name: `types of the package: ${folder}`,
        command: 'attw',
        args: ['--pack', folder, '--profile', 'esm-only'],
      }
    }),
  ]
}

/** @param {Check} check @returns {Promise<boolean>} */
async function runCheck({ name, command, args }) {
  const start = performance.now()
  const packageName = PACKAGE_OF_COMMAND[command] ?? command
  const result = await runScript(packageName, args, { timeoutMs: CHECK_TIMEOUT_MS, capture: true, command })
  const isGood = result.code === 0 && !result.isTimedOut
  console.log(`${isGood ? 'ok    ' : 'FAILED'}  ${secondsSince(start).padStart(7)}  ${name}`)
  if (!isGood) console.log(result.isTimedOut ? '  it took too long and was ended' : result.output.trimEnd())
  return isGood
}

async function main() {
  ensureNode()
  await ensureDependencies()
  const failed = []
  try {
    // Types of the examples, size and publint read what the packages became.
    await ensureBuild()
  } catch (error) {
    console.log(error instanceof Error ? error.message : String(error))
    failed.push('build')
  }
  const waiting = listChecks()
  const runLane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (!(await runCheck(check))) failed.push(check.name)
    }
  }
  await Promise.all(Array.from({ length: LANES }, runLane))
  if (failed.length === 0) {
    console.log('\nAll checks are good')
    return
  }
  console.log(`\nFailed checks:\n${failed.map((name) => `  ${name}`).join('\n')}`)
  process.exitCode = 1
}

await main()
