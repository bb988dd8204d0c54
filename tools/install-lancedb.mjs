/**
 * Installs @lancedb/lancedb for tests and measurements, below node_modules/.cache, where they look for it. It is no dependency of the workspace: its
 * native code is 195 MB, it asks for Node 22 (and runs on 20.19), and its optional dependencies bring another @huggingface/transformers.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const VERSION = '0.39.0'
/** The newest that this version reads. */
const ARROW_VERSION = '18.1.0'

const folder = join(import.meta.dirname, '../node_modules/.cache/lancedb')

/** Name of the package with the native code for this machine. */
function nativePackage() {
  const { platform, arch, report } = process
  // Only glibc tells its version.
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (report.getReport())
  const isMusl = platform === 'linux' && header.glibcVersionRuntime === undefined
  const libc = isMusl ? '-musl' : '-gnu'
  const suffix = platform === 'linux' ? libc : platform === 'win32' ? '-msvc' : ''
  return `@lancedb/lancedb-${platform}-${arch}${suffix}`
}

mkdirSync(folder, { recursive: true })
const manifest = join(folder, 'package.json')
if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n')
const packages = [`@lancedb/lancedb@${VERSION}`, `${nativePackage()}@${VERSION}`, `apache-arrow@${ARROW_VERSION}`]
const command = ['install', '--omit=optional', '--no-audit', '--no-fund', '--loglevel=error', ...packages]
execFileSync('npm', command, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
