import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../run.js'

/** What the build lists, by set, with a text for each file. */
const BUILD = {
  default: { 'runtime/kernels@1/simd.wasm': 'kernels', 'worker.js': 'worker' },
  onnx: { 'runtime/ort@1/jspi.wasm': 'jspi', 'onnx-engine.js': 'engine' },
  'onnx-asyncify': { 'runtime/ort@1/asyncify.wasm': 'asyncify' },
  transformers: { 'runtime/ort@2/plain.wasm': 'plain', 'transformers.js': 'transformers' },
  'transformers-asyncify': { 'runtime/ort@2/asyncify.wasm': 'other asyncify' },
  modules: { 'part.js': 'part', 'index.js': 'index' },
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

let root: string
let dist: string
let target: string
let lines: string[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nestling-cli-'))
  dist = join(root, 'node_modules/nestling/dist')
  target = join(root, 'public/nestling')
  lines = []
  const sets = Object.entries(BUILD).map(([set, files]) => [
    set,
    Object.entries(files).map(([path, text]) => {
      write(join(dist, path), text)
      return { path, sizeBytes: text.length, sha256: sha256(text) }
    }),
  ])
  write(join(dist, 'assets.json'), JSON.stringify(Object.fromEntries(sets)))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Makes a model package with one file beside its entry and one text. */
function writeModel(path = 'weights.bin', sha = sha256('weights')): void {
  const folder = join(root, 'node_modules/@demo/model')
  write(
    join(folder, 'package.json'),
    '{ "name": "@demo/model", "type": "module", "exports": { ".": { "types": "./index.d.ts", "default": "./index.js" } } }',
  )
  write(join(folder, 'LICENSE'), 'licence')
  write(join(folder, 'NOTICE.txt'), 'notice')
  write(join(folder, path), 'weights')
  write(join(folder, 'version.js'), "export const version = '2.0.0'")
  write(
    join(folder, 'index.js'),
    `import { version } from './version.js'
export const demo = { id: '@demo/model', version, license: 'MIT', origin: '', nestedDims: [], files: [
  { path: '${path}', sizeBytes: 7, sha256: '${sha}', url: new URL('./${path}', import.meta.url).href },
  { path: '1_Pooling/config.json', sizeBytes: 2, sha256: '${sha256('{}')}', text: '{}' },
] }`,
  )
}

function copyAssets(...args: readonly string[]): Promise<number> {
  const print = (line: string): number => lines.push(line)
  return run(['copy-assets', target, ...args], {
    ...{ assetFolder: dist, cwd: root, print, printError: print },
    ...{ terminal: undefined, interruption: new AbortController().signal },
  })
}

/** Every file of the target with its text. */
function contents(): Record<string, string> {
  if (!existsSync(target)) return {}
  const entries = readdirSync(target, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    files.map((file) => [file.slice(target.length + 1).replaceAll('\\', '/'), readFileSync(file, 'utf8')]),
  )
}

describe('copy-assets', () => {
  it('copies the default set', async () => {
    expect(await copyAssets()).toBe(0)
    expect(contents()).toEqual(BUILD.default)
    expect(lines).toEqual([`${target}: 2 files (0.0 MiB) copied, 0 files (0.0 MiB) up to date`])
  })

  it.each([
    [['--onnx'], { ...BUILD.default, ...BUILD.onnx }],
    [['--asyncify'], { ...BUILD.default, ...BUILD.onnx, ...BUILD['onnx-asyncify'] }],
    [['--onnx', '--asyncify'], { ...BUILD.default, ...BUILD.onnx, ...BUILD['onnx-asyncify'] }],
    [['--transformers'], { ...BUILD.default, ...BUILD.transformers }],
    [['--modules'], { ...BUILD.default, ...BUILD.modules }],
    [['--transformers', '--asyncify'], { ...BUILD.default, ...BUILD.transformers, ...BUILD['transformers-asyncify'] }],
  ])('copies what %j asks for', async (args, expected) => {
    expect(await copyAssets(...args)).toBe(0)
    expect(contents()).toEqual(expected)
  })

  it('leaves files with the same bytes alone, and replaces others', async () => {
    await copyAssets()
    const worker = join(target, 'worker.js')
    const kernels = join(target, 'runtime/kernels@1/simd.wasm')
    const before = statSync(kernels).mtimeMs
    writeFileSync(worker, 'w0rker')
    write(join(target, 'own.txt'), 'mine')
    expect(await copyAssets()).toBe(0)
    expect(lines.at(-1)).toContain('1 file (0.0 MiB) copied, 1 file')
    expect(statSync(kernels).mtimeMs).toBe(before)
    expect(contents()).toEqual({ ...BUILD.default, 'own.txt': 'mine' })
  })

  it('copies a model package as a whole model folder', async () => {
    writeModel()
    expect(await copyAssets('--model', '@demo/model')).toBe(0)
    const folder = 'models/@demo/model@2.0.0'
    const licences = { [`${folder}/LICENSE`]: 'licence', [`${folder}/NOTICE.txt`]: 'notice' }
    const files = { ...licences, [`${folder}/weights.bin`]: 'weights', [`${folder}/1_Pooling/config.json`]: '{}' }
    expect(contents()).toEqual({ ...BUILD.default, ...files })
  })

  it('puts the modules of a model package beside its files for pages without a bundler', async () => {
    writeModel()
    expect(await copyAssets('--model', '@demo/model', '--modules')).toBe(0)
    const entry = join(target, 'models/@demo/model@2.0.0/index.js')
    const { demo } = (await import(entry)) as { demo: { files: readonly { url?: string }[] } }
    expect(demo.files[0]?.url).toBe(`file://${join(dirname(entry), 'weights.bin')}`)
  })

  it('changes nothing where a file is damaged', async () => {
    write(join(target, 'worker.js'), 'of an older version')
    writeFileSync(join(dist, 'worker.js'), 'w')
    expect(await copyAssets()).toBe(1)
    expect(lines[0]).toMatch(
      /^package-damaged: Cannot copy assets as .*worker\.js has other bytes than the package lists\n/,
    )
    expect(contents()).toEqual({ 'worker.js': 'of an older version' })
    rmSync(join(dist, 'worker.js'))
    expect(await copyAssets()).toBe(1)
    expect(lines[1]).toMatch(/^package-damaged: .*cannot be read/)
    expect(contents()).toEqual({ 'worker.js': 'of an older version' })
  })

  it('changes nothing where a file of the model is damaged', async () => {
    writeModel('weights.bin', sha256('other weights'))
    expect(await copyAssets('--model', '@demo/model')).toBe(1)
    expect(lines[0]).toMatch(/^package-damaged: /)
    expect(contents()).toEqual({})
  })

  it('changes no file where one cannot be written', async () => {
    write(join(target, 'worker.js'), 'of an older version')
    // In the place of a folder.
    write(join(target, 'runtime'), 'a file')
    expect(await copyAssets()).toBe(1)
    expect(lines[0]).toMatch(/^target-unusable: Cannot copy assets as .* cannot be written/)
    expect(contents()).toEqual({ 'worker.js': 'of an older version', runtime: 'a file' })
  })

  it('takes away what a copy that was killed left behind, and leaves that of a running one', async () => {
    // No process has the largest number that Linux gives.
    write(join(target, '.nestling-copy-4194304/0'), 'half')
    write(join(target, `.nestling-copy-${process.ppid}/0`), 'on its way')
    expect(await copyAssets()).toBe(0)
    expect(contents()).toEqual({ ...BUILD.default, [`.nestling-copy-${process.ppid}/0`]: 'on its way' })
  })

  it('refuses a target that is no folder for it', async () => {
    write(target, 'a file')
    expect(await copyAssets()).toBe(1)
    expect(lines[0]).toMatch(/^target-unusable: .* is a file/)
    target = join(root, 'taken')
    mkdirSync(join(target, 'worker.js'), { recursive: true })
    expect(await copyAssets()).toBe(1)
    expect(lines[1]).toMatch(/^target-unusable: .*worker\.js is a folder/)
    target = dist
    expect(await copyAssets()).toBe(1)
    expect(lines[2]).toMatch(/^target-unusable: .* lies in a package/)
  })

  it('says what is wrong with a model package', async () => {
    expect(await copyAssets('--model', '@demo/missing')).toBe(1)
    expect(lines[0]).toMatch(/^package-not-found: Cannot copy @demo\/missing as it is not installed/)
    writeModel('../outside.bin')
    expect(await copyAssets('--model', '@demo/model')).toBe(1)
    expect(lines[1]).toMatch(/^package-invalid: .*paths of its files must lie in its folder/)
    write(join(root, 'node_modules/plain/package.json'), '{ "main": "./index.cjs" }')
    write(join(root, 'node_modules/plain/index.cjs'), 'exports.answer = 42')
    expect(await copyAssets('--model', 'plain')).toBe(1)
    expect(lines[2]).toMatch(/^package-invalid: .*must export one model: current value is 0/)
    expect(contents()).toEqual({})
  })

  it('prints what was done as JSON', async () => {
    expect(await copyAssets('--json')).toBe(0)
    const copied = Object.keys(BUILD.default)
    expect(JSON.parse(lines[0] ?? '')).toEqual({ target, copied, unchanged: [], large: [] })
  })

  it('says that the package is damaged where the list of the build is missing', async () => {
    rmSync(join(dist, 'assets.json'))
    expect(await copyAssets()).toBe(1)
    expect(lines[0]).toMatch(/^package-damaged: .*assets\.json/)
  })
})
