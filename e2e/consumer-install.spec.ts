import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, test } from 'playwright/test'
import { createConsumerApp, pack, type ConsumerApp } from './consumer-app.ts'

const execute = promisify(execFile)

interface PackageManager {
  readonly name: string
  /** Its script below `node_modules`. */
  readonly script: string
  readonly install: readonly string[]
  /** What runs Node where the manager's modules are found. */
  readonly node?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
}

const BERRY = '@yarnpkg/cli-dist/bin/yarn.js'
const MANAGERS: readonly PackageManager[] = [
  { name: 'npm', script: 'npm/bin/npm-cli.js', install: ['install', '--no-audit', '--no-fund'] },
  { name: 'pnpm', script: 'pnpm/bin/pnpm.cjs', install: ['install', '--ignore-workspace'] },
  { name: 'Yarn 1', script: 'yarn/bin/yarn.js', install: ['install', '--non-interactive'] },
  {
    name: 'Yarn 4, node_modules',
    script: BERRY,
    install: ['install'],
    files: { 'yarn.lock': '', '.yarnrc.yml': 'nodeLinker: node-modules\nenableTelemetry: false\n' },
  },
  {
    name: "Yarn 4, Plug'n'Play",
    script: BERRY,
    install: ['install'],
    node: ['node'],
    files: { 'yarn.lock': '', '.yarnrc.yml': 'enableTelemetry: false\n' },
  },
]

let tools: ConsumerApp

test.beforeAll(async () => {
  test.setTimeout(300_000)
  tools = await createConsumerApp('package-managers')
})

test.afterAll(() => {
  tools.dispose()
})

for (const { name, script, install, node, files = {} } of MANAGERS) {
  test(`the archives install with ${name} without overrides, and share one nestling`, async () => {
    test.setTimeout(300_000)
    const folder = mkdtempSync(join(tmpdir(), 'nestling-install-'))
    try {
      const dependencies = await writeProject(folder, files)
      const run = (...args: readonly string[]): Promise<{ stdout: string }> =>
        execute(process.execPath, [join(tools.folder, 'node_modules', script), ...args], {
          cwd: folder,
          // Yarn 1 knows an archive by its version alone, and would take that of another day from its cache.
          env: { ...process.env, YARN_ENABLE_IMMUTABLE_INSTALLS: 'false', YARN_CACHE_FOLDER: join(folder, 'cache') },
        })
      await run(...install)
      const { stdout } =
        node === undefined
          ? await execute(process.execPath, ['--input-type=commonjs', '-e', "import('./check.mjs')"], { cwd: folder })
          : await run(...node, 'check.mjs')
      expect(JSON.parse(stdout)).toEqual({
        model: '@nestling/minilm-l6',
        shape: [3, 384],
        scores: [1, 0.3, 0.2],
        found: ['bread', 'files'],
        accuracy: 1,
        spearman: 1,
        adapters: ['function', 'function'],
        isOneNestling: true,
      })
      // Nothing was added to make it fit.
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object
      expect(manifest).toEqual({ name: 'app', version: '0.0.0', private: true, type: 'module', dependencies })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

test('types of the archives are found in a module of Node, and are whole without those of others', async () => {
  test.setTimeout(300_000)
  const folder = mkdtempSync(join(tmpdir(), 'nestling-types-'))
  try {
    await writeProject(folder, {})
    await execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder })
    cpSync(join(tools.folder, 'check-types.ts'), join(folder, 'check.ts'))
    const tsc = join(import.meta.dirname, '../node_modules/typescript/bin/tsc')
    const lib = ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable']
    const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2022', types: [], lib }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['check.ts'] }))
    const compile = (): Promise<unknown> => execute(process.execPath, [tsc, '-p', '.'], { cwd: folder })
    await compile()
    // It must be able to fail.
    writeFileSync(
      join(folder, 'check.ts'),
      "import { createIndexes } from '@nestling/search'\nconsole.log(createIndexes)\n",
    )
    const { stdout } = (await compile().catch((error: unknown) => error)) as { readonly stdout: string }
    expect(stdout).toContain('createIndexes')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** A project that names the archives and nothing else. */
async function writeProject(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  mkdirSync(join(folder, 'archives'))
  const dependencies: Record<string, string> = {}
  for (const name of ['nestling', 'minilm-l6', 'search', 'evaluate']) {
    const archive = `archives/${name}.tgz`
    cpSync(await pack(name), join(folder, archive))
    dependencies[name === 'nestling' ? name : `@nestling/${name}`] = `file:./${archive}`
  }
  const manifest = { name: 'app', version: '0.0.0', private: true, type: 'module', dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  cpSync(join(tools.folder, 'check.mjs'), join(folder, 'check.mjs'))
  return dependencies
}
