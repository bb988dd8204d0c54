import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { assertSuccess, runCommand, runScript, step } from './run-command.mjs'

const DOWNLOAD_TIMEOUT_MS = 300_000
const APT_TIMEOUT_MS = 300_000
const VERSION_TIMEOUT_MS = 20_000

/**
 * @typedef {object} Browser
 * @property {string} executablePath
 * @property {string} source Where it came from, in words.
 */

/** @type {Partial<Record<NodeJS.Platform, readonly string[]>>} */
const PATHS = {
  linux: ['/opt/google/chrome/chrome', '/usr/bin/chromium', '/usr/lib/chromium/chromium'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((variable) => {
    const folder = process.env[variable]
    const names = ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe']
    return folder === undefined ? [] : names.map((name) => join(folder, name))
  }),
}

const COMMANDS = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser']

/** Every place where a Chrome or Chromium may lie, those on the path first. */
function installedPaths() {
  const folders = process.platform === 'win32' ? [] : (process.env.PATH ?? '').split(delimiter)
  const onPath = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)))
  return [...onPath, ...(PATHS[process.platform] ?? [])]
}

/**
 * Tells whether a browser starts. A file is not enough: Ubuntu's `chromium-browser` may be a note about a snap, and a
 * downloaded browser may lack system libraries.
 *
 * @param {string} path
 */
async function isUsable(path) {
  if (!existsSync(path)) return false
  // Chrome on Windows opens a window instead of printing its version.
  if (process.platform === 'win32') return true
  const { code } = await runCommand(path, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS, capture: true })
  return code === 0
}

/** @returns {Promise<Browser | undefined>} */
async function findNamed() {
  for (const variable of ['NESTLING_BROWSER', 'CHROME_PATH']) {
    const path = process.env[variable]
    if (path === undefined || path === '') continue
    if (await isUsable(path)) return { executablePath: path, source: variable }
    throw new Error(
      `Cannot use the browser of ${variable} as it does not start: current value is ${path}\nName the executable of a Chrome or Chromium, or unset ${variable}`,
    )
  }
  return undefined
}

/** @returns {Promise<Browser | undefined>} */
async function findInstalled() {
  for (const path of installedPaths()) {
    if (await isUsable(path)) return { executablePath: path, source: 'installed' }
  }
  return undefined
}

/** @returns {Promise<Browser | undefined>} */
async function findPlaywrightOwn() {
  const { chromium } = await import('playwright')
  const path = chromium.executablePath()
  return (await isUsable(path)) ? { executablePath: path, source: "Playwright's own" } : undefined
}

async function downloadPlaywrightOwn() {
  await step("Downloading Playwright's Chromium (about 180 MB, at most 5 minutes)", async () => {
    const result = await runScript('playwright', ['install', 'chromium'], { timeoutMs: DOWNLOAD_TIMEOUT_MS })
    assertSuccess("download Playwright's Chromium", result)
  })
  return findPlaywrightOwn()
}

function isRoot() {
  return process.getuid?.() === 0
}

function hasApt() {
  return process.platform === 'linux' && isRoot() && existsSync('/usr/bin/apt-get')
}

async function installWithApt() {
  await step('Installing the chromium package of this system (apt-get, at most 10 minutes)', async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    const options = { timeoutMs: APT_TIMEOUT_MS, env }
    const update = await runCommand('apt-get', ['update', '-qq'], options)
    assertSuccess('read the package lists', update)
    const packages = ['install', '-y', '-qq', '--no-install-recommends', 'chromium']
    assertSuccess('install chromium', await runCommand('apt-get', packages, options))
  })
  return findInstalled()
}

/** @returns {readonly (() => Promise<Browser | undefined>)[]} */
function installers() {
  if (!hasApt()) return [downloadPlaywrightOwn]
  // Build machines often cannot reach Playwright's host, and its browser needs system libraries that apt brings.
  const isBuildMachine = process.env.CI !== undefined && process.env.CI !== ''
  return isBuildMachine ? [installWithApt, downloadPlaywrightOwn] : [downloadPlaywrightOwn, installWithApt]
}

/**
 * Finds a Chrome or Chromium: the one that `NESTLING_BROWSER` or `CHROME_PATH` names, an installed one, or Playwright's.
 *
 * @param {{ install?: boolean }} [options] `install`: gets one where there is none.
 * @returns {Promise<Browser>}
 */
export async function findBrowser({ install = false } = {}) {
  const found = (await findNamed()) ?? (await findInstalled()) ?? (await findPlaywrightOwn())
  if (found !== undefined) return found
  /** @type {string[]} */
  const problems = []
  for (const installer of install ? installers() : []) {
    try {
      const browser = await installer()
      if (browser !== undefined) return browser
      problems.push('it was installed but does not start')
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
    }
  }
  const reasons = problems.map((problem) => `\n- ${problem}`).join('')
  throw new Error(
    `Cannot find a browser as neither Chrome nor Chromium is installed${reasons}\nInstall Google Chrome or Chromium (Debian: apt-get install chromium; macOS: brew install --cask google-chrome; Windows: winget install Google.Chrome), or name one in NESTLING_BROWSER`,
  )
}

/** A container's kernel or its seccomp profile forbids the sandbox to root; so do many build machines. */
function needsNoSandbox() {
  if (process.platform !== 'linux') return false
  return isRoot() || process.env.CI !== undefined || isUserNamespaceForbidden()
}

/** Ubuntu 24.04 forbids unprivileged user namespaces, which the sandbox of a downloaded Chromium needs. */
function isUserNamespaceForbidden() {
  const file = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns'
  return existsSync(file) && readFileSync(file, 'utf8').trim() === '1'
}

/**
 * Lists the switches that a browser is started with.
 *
 * @param {{ webgpu?: boolean }} [options] `webgpu`: gives WebGPU on the CPU (SwiftShader), slow but right, without a GPU.
 * @returns {string[]}
 */
export function launchArgs({ webgpu = false } = {}) {
  return [
    ...(needsNoSandbox() ? ['--no-sandbox'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    ...(webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : []),
  ]
}
