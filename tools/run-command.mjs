import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The folder of the workspace. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * @typedef {object} CommandOptions
 * @property {number} timeoutMs Longest time it may take.
 * @property {string} [cwd] Where it runs; the workspace by default.
 * @property {Record<string, string | undefined>} [env] Variables on top of our own.
 * @property {boolean} [capture] Keeps the output instead of showing it.
 * @property {boolean} [shell] Runs through a shell (Windows starts `.cmd` files only so).
 */

/**
 * @typedef {object} CommandResult
 * @property {number} code Exit status; 1 where a signal ended it.
 * @property {boolean} isTimedOut
 * @property {string} output What it printed, with `capture`.
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** How long an ended command may take to close its browsers; Playwright does that on SIGTERM. */
const GRACE_MS = 3000

/**
 * Signals a child and all its children. POSIX children lead a process group of their own for that.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalTree(child, signal) {
  if (child.pid === undefined) return
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' })
    return
  }
  try {
    process.kill(-child.pid, signal)
  } catch {
    // ESRCH: the whole group has ended already.
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function endTree(child) {
  signalTree(child, 'SIGTERM')
  setTimeout(() => {
    signalTree(child, 'SIGKILL')
  }, GRACE_MS)
}

function killAll() {
  for (const child of running) signalTree(child, 'SIGKILL')
}

/** What asks a program to end. */
export const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

let isEnding = false

/** @param {NodeJS.Signals} signal */
function endOnSignal(signal) {
  isEnding = true
  for (const child of running) endTree(child)
  process.exitCode = 128 + constants.signals[signal]
  setTimeout(() => process.exit(), 2 * GRACE_MS)
}

/**
 * Listens to signals only while a child runs: vitest and Playwright, which load this file too, have listeners of their own.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function remember(child) {
  if (running.size === 0) {
    process.on('exit', killAll)
    for (const signal of SIGNALS) process.on(signal, endOnSignal)
  }
  running.add(child)
}

/** @param {import('node:child_process').ChildProcess} child */
function forget(child) {
  running.delete(child)
  if (running.size > 0) return
  if (isEnding) process.exit()
  process.off('exit', killAll)
  for (const signal of SIGNALS) process.off(signal, endOnSignal)
}

/**
 * Runs a command to its end and leaves no process of it behind, whether it ended, failed or took too long.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CommandOptions} options
 * @returns {Promise<CommandResult>}
 */
export function runCommand(command, args, { timeoutMs, cwd = ROOT, env = {}, capture = false, shell = false }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      shell,
      detached: process.platform !== 'win32',
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    })
    remember(child)
    let output = ''
    let isTimedOut = false
    child.stdout?.on('data', (data) => (output += String(data)))
    child.stderr?.on('data', (data) => (output += String(data)))
    const timer = setTimeout(() => {
      isTimedOut = true
      endTree(child)
    }, timeoutMs)
    /** @param {number} code */
    const settle = (code) => {
      clearTimeout(timer)
      forget(child)
      resolve({ code, isTimedOut, output })
    }
    // The pipes of a grandchild can outlive the child: `exit` sweeps the group, so that `close` comes.
    child.on('exit', () => {
      signalTree(child, 'SIGKILL')
    })
    child.on('close', (code) => {
      settle(code ?? 1)
    })
    child.on('error', (error) => {
      output += error.message
      settle(1)
    })
  })
}

/**
 * @typedef {object} Manifest What we read of a `package.json`.
 * @property {string} [packageManager]
 * @property {string | Record<string, string>} [bin]
 * @property {Record<string, string>} [scripts]
 */

/**
 * Reads the `package.json` of a folder.
 *
 * @param {string} folder
 * @returns {Manifest}
 */
export function readManifest(folder) {
  /** @type {unknown} */
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return /** @type {Manifest} */ (manifest)
}

/**
 * Finds the script behind a command of an installed package, to be run by this Node: no shell, no `.cmd`.
 *
 * @param {string} packageName
 * @param {string} [command] Name of the command; the package's by default.
 * @returns {string}
 */
export function scriptOf(packageName, command = packageName) {
  const folder = join(ROOT, 'node_modules', packageName)
  const { bin = {} } = readManifest(folder)
  const script = typeof bin === 'string' ? bin : bin[command]
  if (script === undefined) throw new Error(`Cannot run ${command} as ${packageName} has no such command`)
  return join(folder, script)
}

/**
 * Runs a command of an installed package; see {@link runCommand}.
 *
 * @param {string} packageName
 * @param {readonly string[]} args
 * @param {CommandOptions & { command?: string }} options `command`: its name where it is not the package's.
 * @returns {Promise<CommandResult>}
 */
export function runScript(packageName, args, { command = packageName, ...options }) {
  return runCommand(process.execPath, [scriptOf(packageName, command), ...args], options)
}

/** @param {number} startMs A value of `performance.now()`. */
export function secondsSince(startMs) {
  return `${((performance.now() - startMs) / 1000).toFixed(1)} s`
}

/**
 * Prints when something long starts and how long it took.
 *
 * @template Result
 * @param {string} title
 * @param {() => Result | Promise<Result>} action
 * @returns {Promise<Result>}
 */
export async function step(title, action) {
  const start = performance.now()
  console.log(`> ${title}`)
  try {
    const result = await action()
    console.log(`  done in ${secondsSince(start)}`)
    return result
  } catch (error) {
    console.log(`  failed after ${secondsSince(start)}`)
    throw error
  }
}

/**
 * Throws unless a command went well.
 *
 * @param {string} action What it was for, as in "Cannot <action>".
 * @param {CommandResult} result
 * @param {string} [advice] What to do.
 */
export function assertSuccess(action, result, advice = '') {
  if (result.code === 0 && !result.isTimedOut) return
  const reason = result.isTimedOut ? 'it took too long and was ended' : `it ended with status ${result.code}`
  const tail = result.output === '' ? '' : `\n${result.output.slice(-3000)}`
  throw new Error(`Cannot ${action} as ${reason}${tail}\n${advice}`.trimEnd())
}
