import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { assertSuccess, readManifest, ROOT, runCommand, runScript, step } from './run-command.mjs'

const INSTALL_TIMEOUT_MS = 600_000
const BUILD_TIMEOUT_MS = 600_000
const STAMP = join(ROOT, 'node_modules/.cache/nestling-build')
const INSTALLED = join(ROOT, 'node_modules/.modules.yaml')
const LOCKFILE = join(ROOT, 'pnpm-lock.yaml')

/**
 * Says what is wrong with a version of Node. Vite needs 20.19 or 22.12: both can `require` an ES module.
 *
 * @param {string} version For example `20.19.0`.
 * @returns {string | undefined}
 */
export function nodeProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) return undefined
  return `Cannot go on as Node must be 20.19 or newer (22.12 or newer in the 22 line): current value is ${version}\nInstall a newer Node from https://nodejs.org and run the command again`
}

/** Throws where this Node is too old. */
export function ensureNode() {
  const problem = nodeProblem(process.versions.node)
  if (problem !== undefined) throw new Error(problem)
}

/** @param {string} path */
function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Installs the dependencies unless they are newer than the lockfile. */
export async function ensureDependencies() {
  if (modifiedMs(INSTALLED) > modifiedMs(LOCKFILE)) return
  await step('Installing dependencies (pnpm, from the lockfile; the first time takes a minute or so)', async () => {
    const args = ['install', '--frozen-lockfile', '--config.confirmModulesPurge=false']
    const result = existsSync(join(ROOT, 'node_modules/pnpm/package.json'))
      ? await runScript('pnpm', args, { timeoutMs: INSTALL_TIMEOUT_MS })
      : await installWithNpx(args)
    const advice = 'Look at the output above; a connection to the npm registry is needed once'
    assertSuccess('install the dependencies', result, advice)
    const now = new Date()
    // pnpm leaves the file alone when nothing changed, and a checkout may have given the lockfile a newer date.
    utimesSync(INSTALLED, now, now)
  })
}

/** @param {readonly string[]} args */
function installWithNpx(args) {
  const { packageManager = 'pnpm' } = readManifest(ROOT)
  const shell = process.platform === 'win32'
  // Said with --package, as `npx -p node@24 npm test` hands its own packages down, and takes what follows for a command of theirs.
  const run = ['--yes', `--package=${packageManager}`, '--', 'pnpm', ...args]
  return runCommand('npx', run, { timeoutMs: INSTALL_TIMEOUT_MS, shell })
}

/**
 * Lists the files below a folder, sorted, without those that a build neither reads nor makes.
 *
 * @param {string} folder
 * @param {(name: string) => boolean} isSkipped Told the name of a file or folder.
 * @returns {string[]}
 */
function listFiles(folder, isSkipped) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    if (isSkipped(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? listFiles(path, isSkipped) : [path]
  })
}

/** @param {string} name */
function isNoSource(name) {
  return ['node_modules', 'dist', 'fixtures'].includes(name) || name.endsWith('.test.ts') || name.endsWith('.log')
}

/** Digest of every file that a build can read. */
function hashSources() {
  const hash = createHash('sha256').update(process.versions.node)
  const top = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.base.json'].map((name) =>
    join(ROOT, name),
  )
  const folders = ['packages', 'examples', 'tools'].map((name) => join(ROOT, name)).filter((path) => existsSync(path))
  for (const path of [...top, ...folders.flatMap((folder) => listFiles(folder, isNoSource))]) {
    hash.update(`\0${path}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

/** Folders of packages and examples. */
export function listWorkspaces() {
  const groups = ['packages', 'examples'].map((name) => join(ROOT, name)).filter((path) => existsSync(path))
  const folders = groups.flatMap((group) => readdirSync(group).map((name) => join(group, name)))
  return folders.filter((folder) => existsSync(join(folder, 'package.json')))
}

/** Names of the last build's sources and results (name, size, date); nothing where a result is missing. */
function currentStamp() {
  const built = listWorkspaces().filter((folder) => readManifest(folder).scripts?.build !== undefined)
  const folders = built.map((folder) => join(folder, 'dist'))
  if (folders.some((folder) => !existsSync(folder))) return undefined
  const files = folders.flatMap((folder) => listFiles(folder, () => false))
  const lines = files.map((path) => `${path} ${statSync(path).size} ${modifiedMs(path)}`)
  return [hashSources(), ...lines, ''].join('\n')
}

/**
 * Builds packages and examples, unless sources and results are those of the last build.
 *
 * @param {{ force?: boolean }} [options]
 */
export async function ensureBuild({ force = false } = {}) {
  if (!force && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === currentStamp()) {
    console.log('> Build is up to date')
    return
  }
  await step('Building packages and examples', async () => {
    const result = await runScript('pnpm', ['run', 'build'], { timeoutMs: BUILD_TIMEOUT_MS })
    assertSuccess('build', result, 'Look at the output above')
  })
  mkdirSync(dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, currentStamp() ?? '')
}
