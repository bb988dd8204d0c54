import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { ROOT, runCommand, step } from './run-command.mjs'

/**
 * @typedef {object} GpuAdapter What computes for WebGPU on Node where there is no GPU.
 * @property {'lavapipe' | 'swiftshader'} name
 * @property {Record<string, string>} env What Dawn needs to find it, from the start of the process on.
 */

/** @typedef {{ name: GpuAdapter['name'], reason: string }} MissingAdapter */

const CACHE = join(ROOT, 'node_modules/.cache/nestling-gpu')
const APT_TIMEOUT_MS = 180_000
const UNPACK_TIMEOUT_MS = 60_000
const LIBRARIES = 'usr/lib/x86_64-linux-gnu'
const ICD = 'lvp_icd.json'

/** Mesa 22 of Debian 12 is refused by Dawn; the newer one needs these of the old release. */
const PACKAGES = [
  'mesa-vulkan-drivers/bookworm-backports',
  'libvulkan1',
  'libllvm15',
  'libdrm2',
  'libdrm-amdgpu1',
  'libz3-4',
]

/**
 * Finds the adapters that unit tests of the GPU run on, and installs lavapipe into a folder of the workspace where that is possible.
 *
 * @param {string} browserPath The Chromium of the tests: SwiftShader comes with it.
 * @returns {Promise<{ found: readonly GpuAdapter[], missing: readonly MissingAdapter[] }>}
 */
export async function findGpuAdapters(browserPath) {
  const all = [await findLavapipe(), findSwiftShader(browserPath)]
  return {
    found: all.filter((adapter) => 'env' in adapter),
    missing: all.filter((adapter) => 'reason' in adapter),
  }
}

/**
 * @param {string} browserPath
 * @returns {GpuAdapter | MissingAdapter}
 */
function findSwiftShader(browserPath) {
  const name = 'swiftshader'
  if (process.platform !== 'linux') return { name, reason: 'SwiftShader is looked for on Linux alone' }
  const real = realpathSync(browserPath)
  // Debian starts Chromium by a script elsewhere.
  const folders = [dirname(real), '/usr/lib/chromium', '/opt/google/chrome']
  const folder = folders.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')))
  if (folder === undefined || !existsSync(join(folder, 'libvulkan.so.1'))) {
    return { name, reason: `no SwiftShader lies beside ${browserPath}` }
  }
  return { name, env: envOf(folder, join(folder, 'vk_swiftshader_icd.json')) }
}

/** @returns {Promise<GpuAdapter | MissingAdapter>} */
async function findLavapipe() {
  const name = 'lavapipe'
  const root = join(CACHE, 'root')
  const icd = join(CACHE, ICD)
  const problem = existsSync(icd) ? undefined : await installLavapipe(root, icd)
  if (problem !== undefined) return { name, reason: problem }
  return { name, env: envOf(join(root, LIBRARIES), icd) }
}

/**
 * @param {string} libraries
 * @param {string} icd
 */
function envOf(libraries, icd) {
  return { VK_DRIVER_FILES: icd, LD_LIBRARY_PATH: libraries, XDG_RUNTIME_DIR: CACHE }
}

/**
 * Says why lavapipe cannot be installed on a machine.
 *
 * @param {{ platform: string, arch: string, isRoot: boolean, hasApt: boolean }} machine
 * @returns {string | undefined}
 */
export function lavapipeProblem({ platform, arch, isRoot, hasApt }) {
  if (platform !== 'linux' || arch !== 'x64') return 'Mesa 25 is fetched for Linux on x64 alone'
  if (!hasApt) return 'Mesa 25 is fetched with apt-get, which is not here'
  return isRoot ? undefined : 'Mesa 25 is fetched with apt-get, which needs root'
}

/**
 * Unpacks Mesa into the cache: nothing of the system changes.
 *
 * @param {string} root
 * @param {string} icd Is written last.
 * @returns {Promise<string | undefined>} Why it cannot be had.
 */
async function installLavapipe(root, icd) {
  const problem = lavapipeProblem({
    platform: process.platform,
    arch: process.arch,
    isRoot: process.getuid?.() === 0,
    hasApt: existsSync('/usr/bin/apt-get') && existsSync('/usr/share/keyrings/debian-archive-keyring.gpg'),
  })
  if (problem !== undefined) return problem
  return await step('Fetching lavapipe (Mesa 25), which plays a GPU in tests', async () => {
    rmSync(CACHE, { recursive: true, force: true })
    for (const folder of ['lists/partial', 'archives/partial']) mkdirSync(join(CACHE, folder), { recursive: true })
    for (const folder of ['debs', 'root']) mkdirSync(join(CACHE, folder), { recursive: true })
    const suites = ['bookworm', 'bookworm-backports']
    const source = 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian'
    writeFileSync(join(CACHE, 'sources.list'), suites.map((suite) => `${source} ${suite} main\n`).join(''))
    writeFileSync(join(CACHE, 'status'), '')
    const failed = (await apt(['update'])) ?? (await apt(['download', ...PACKAGES]))
    if (failed !== undefined) return failed
    for (const file of readdirSync(join(CACHE, 'debs')).filter((name) => name.endsWith('.deb'))) {
      const args = ['-x', join(CACHE, 'debs', file), root]
      const { code } = await runCommand('dpkg', args, { timeoutMs: UNPACK_TIMEOUT_MS, capture: true })
      if (code !== 0) return `dpkg cannot unpack ${file}`
    }
    rmSync(join(CACHE, 'debs'), { recursive: true })
    const missing = await missingLibrary(root)
    if (missing === undefined) writeIcd(root, icd)
    return missing
  })
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<string | undefined>} What went wrong.
 */
async function apt(args) {
  const options = [
    `Dir::Etc::sourcelist=${join(CACHE, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State=${CACHE}`,
    `Dir::State::status=${join(CACHE, 'status')}`,
    `Dir::Cache=${CACHE}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option])
  const cwd = join(CACHE, 'debs')
  const { code } = await runCommand('apt-get', [...options, ...args], { timeoutMs: APT_TIMEOUT_MS, capture: true, cwd })
  return code === 0 ? undefined : `apt-get ${args[0] ?? ''} failed with status ${code}: is there a network?`
}

/** @param {string} root */
async function missingLibrary(root) {
  const env = { LD_LIBRARY_PATH: join(root, LIBRARIES) }
  const library = join(root, LIBRARIES, 'libvulkan_lvp.so')
  const { output } = await runCommand('ldd', [library], { timeoutMs: UNPACK_TIMEOUT_MS, capture: true, env })
  const missing = /^\s*(\S+) => not found/m.exec(output)?.[1]
  return missing === undefined ? undefined : `Mesa 25 needs ${missing}, which is not installed`
}

/**
 * @param {string} root
 * @param {string} icd
 */
function writeIcd(root, icd) {
  const driver = { api_version: '1.4.305', library_path: join(root, LIBRARIES, 'libvulkan_lvp.so') }
  writeFileSync(icd, JSON.stringify({ file_format_version: '1.0.0', ICD: driver }))
}
