import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const FIXTURES = join(import.meta.dirname, 'fixtures')
const PACKED = join(ROOT, 'node_modules/.cache/nestling-packed')

const execute = promisify(execFile)

/** Why a fixture is left out; `undefined` where it runs. */
export const skipReason: string | undefined =
  process.env['NESTLING_TEST_ALL'] === '1' ? undefined : 'installs and builds for long; npm run test:all runs it'

/** An application that has installed the packed packages, outside of the workspace. */
export interface ConsumerApp {
  /** Its folder. */
  readonly folder: string
  /** Runs a script of an installed package with this Node: path below `node_modules` and arguments. */
  run(script: string, ...args: readonly string[]): Promise<string>
  /** Deletes the folder. */
  dispose(): void
}

/**
 * Packs the packages as for npm and installs them in a copy of a fixture, beside what its manifest names.
 *
 * @param fixture - Folder below `e2e/fixtures`.
 * @param extra - More packages with their versions, or with the paths of archives as `file:`.
 * @returns The application.
 */
export async function createConsumerApp(
  fixture: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<ConsumerApp> {
  const folder = mkdtempSync(join(tmpdir(), `nestling-${fixture}-`))
  cpSync(join(FIXTURES, fixture), folder, { recursive: true })
  cpSync(join(FIXTURES, 'shared'), folder, { recursive: true })
  const file = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies?: Record<string, string> }
  const dependencies = {
    ...manifest.dependencies,
    ...extra,
    nestling: `file:${await pack('nestling')}`,
    '@nestling/minilm-l6': `file:${await pack('minilm-l6')}`,
  }
  writeFileSync(file, JSON.stringify({ ...manifest, dependencies }, undefined, 2))
  await execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'], { cwd: folder })
  return {
    folder,
    run: async (script, ...args) => {
      const path = join(folder, 'node_modules', script)
      return (
        await execute(process.execPath, [path, ...args], {
          cwd: folder,
          env: { ...process.env, CI: '1', NEXT_TELEMETRY_DISABLED: '1' },
        })
      ).stdout
    },
    dispose: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Tells a version from a manifest.
 *
 * @param name - A package that the workspace has installed.
 */
export function installedVersion(name: string): string {
  const manifest = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

/**
 * Packs a package as for npm, unless that was done since its last build.
 *
 * @param name - Folder below `packages`.
 * @returns Path of the archive.
 */
export async function pack(name: string): Promise<string> {
  const folder = join(ROOT, 'packages', name)
  const target = join(PACKED, `${name}-${stampOf(folder)}`)
  if (!existsSync(target)) {
    const half = `${target}.${process.pid}`
    mkdirSync(half, { recursive: true })
    await execute(join(ROOT, 'node_modules/.bin/pnpm'), ['pack', '--pack-destination', half], { cwd: folder })
    for (const old of readdirSync(PACKED).filter(
      (entry) => entry.startsWith(`${name}-`) && join(PACKED, entry) !== half,
    )) {
      rmSync(join(PACKED, old), { recursive: true, force: true })
    }
    cpSync(half, target, { recursive: true })
    rmSync(half, { recursive: true })
  }
  const [archive = ''] = readdirSync(target)
  return join(target, archive)
}

/** Names what is packed by path, size and date of every file. */
function stampOf(folder: string): string {
  const hash = createHash('sha256')
  const built = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('dist', name),
  )
  const top = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  for (const path of [...built, ...top.map(({ name }) => name)].sort()) {
    const { size, mtimeMs } = statSync(join(folder, path))
    hash.update(`${path} ${size} ${mtimeMs}\0`)
  }
  return hash.digest('hex').slice(0, 16)
}
