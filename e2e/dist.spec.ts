import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'playwright/test'
import ts from 'typescript'

const PACKAGES = join(import.meta.dirname, '../packages')
const read = (file: string): string => readFileSync(join(PACKAGES, file), 'utf8')
/** Every module of a folder. */
const modules = (folder: string): string[] =>
  readdirSync(join(PACKAGES, folder))
    .filter((file) => file.endsWith('.js'))
    .map((file) => `${folder}/${file}`)

test('dist keeps the literals by which bundlers find files', () => {
  expect(read('nestling/dist/page.js')).toContain(
    'new Worker(new URL(\'./worker.js\', import.meta.url), { type: "module" })',
  )
  const urls = read('nestling/dist/onnx.js')
  for (const build of ['wasm', 'jspi'])
    expect(urls).toMatch(new RegExp(`new URL\\('\\./runtime/[^']+ort\\.${build}\\.min\\.mjs', import\\.meta\\.url\\)`))
  for (const name of ['onnx-engine', 'transformers']) expect(urls).toContain(`new URL('./${name}.js', import.meta.url)`)
  expect(urls).toMatch(/new URL\('\.\/runtime\/[^']+-dev\.[^']+\/ort-wasm-simd-threaded\.wasm', import\.meta\.url\)/)
  for (const build of ['relaxed-simd', 'simd', 'relaxed-simd-shared', 'simd-shared'])
    expect(read('nestling/dist/page.js')).toMatch(
      new RegExp(`new URL\\('\\./runtime/kernels@[0-9a-f]{8}/${build}\\.wasm', import\\.meta\\.url\\)`),
    )
  // 26 MB that no bundler may ship unasked.
  for (const file of modules('nestling/dist')) expect(read(file)).not.toMatch(/new URL\('[^']*asyncify/)
  expect(read('minilm-l6/dist/index.js')).toContain("new URL('./model.safetensors', import.meta.url)")
})

/** A module and all that it loads, now or later. */
function modulesOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  const specifiers = [...read(file).matchAll(/(?:from\s*|import\s*\(?\s*)["']\.\/([^"']+)["']/g)]
  for (const [, name = ''] of specifiers) modulesOf(join(dirname(file), name), found)
  return found
}

test('only the entry onnx names files of onnxruntime: no module that nestling or the search loads does', () => {
  const named = (file: string): boolean => /new URL\('[^']*(onnx|transformers)/.test(read(file))
  for (const name of ['onnx', 'onnx-semantic-embedder'])
    expect([...modulesOf(`nestling/dist/${name}.js`)].filter(named)).toEqual(['nestling/dist/onnx.js'])
  const loaded = [...modulesOf('nestling/dist/semantic-embedder.js')]
  expect(loaded).toEqual(expect.arrayContaining(['nestling/dist/index.js', 'nestling/dist/page.js']))
  expect(loaded.filter(named)).toEqual([])
  const ofSearch = [...modulesOf('search/dist/index.js')].map(read).join()
  const imported = [...ofSearch.matchAll(/from ?["'](nestling[^"']*)["']/g)].map(([, specifier]) => specifier)
  expect([...new Set(imported)]).toEqual(['nestling'])
})

test('the search worker is one file that a classic worker can run, found by its literal, without nestling inside', () => {
  expect(read('search/dist/index.js')).toContain(
    'new Worker(new URL(\'./search-worker.js\', import.meta.url), { type: "module" })',
  )
  const worker = read('search/dist/search-worker.js')
  expect(worker).not.toMatch(/^\s*(import|export) |import\(|kernels@build|huggingface|worker\.js/m)
  // The first bytes of a WebAssembly module, in base64.
  expect(worker).toContain('AGFzbQEAAAA')
})

test('dist names no file as a data: URL and no server but the hub', () => {
  const files = ['nestling/dist', 'minilm-l6/dist', 'search/dist']
    .flatMap(modules)
    .filter((file) => !file.endsWith('transformers.js'))
  expect(files).toContain('nestling/dist/worker.js')
  for (const file of files) {
    expect(read(file)).not.toMatch(/data:[a-z]+\/[a-z-]+;base64|https?:\/\/(cdn|[a-z]+\.jsdelivr|unpkg|esm\.sh)/)
    // The default of the option `endpoint`, which only a hub id uses.
    const hubs = read(file).match(/https?:\/\/[\w.]*huggingface[^"'`]*/g) ?? []
    expect(hubs).toEqual(/^nestling\/dist\/(node-)?page\.js$/.test(file) ? ['https://huggingface.co'] : [])
  }
})

test('the engines of onnxruntime-web are files of their own, which hold no runtime and are not in the worker', () => {
  const engine = read('nestling/dist/onnx-engine.js')
  expect(engine).not.toMatch(/^import |_OrtCreateSession=|_emscripten_/m)
  // Vite puts smaller ones into the page as data: URLs.
  expect(engine.length).toBeGreaterThan(4096)
  // Names of operators of its graphs.
  expect(engine).toContain('LayerNormalization')
  expect(read('nestling/dist/worker.js')).not.toContain('LayerNormalization')

  const bundle = read('nestling/dist/transformers.js')
  expect(bundle).not.toMatch(/data:[a-z]+\/[a-z-]+;base64|https?:\/\/(cdn|[a-z]+\.jsdelivr|unpkg|esm\.sh)/)
  expect(bundle).not.toMatch(/^import |_OrtCreateSession=|_emscripten_/m)
  // Without transformers.js, which has 492,000, and with stores and kernels.
  expect(read('nestling/dist/worker.js').length).toBeLessThan(320_000)
  // What plan() tells.
  const bytes = statSync(join(PACKAGES, 'nestling/dist/transformers.js')).size
  expect(Math.abs(bytes / 492_000 - 1)).toBeLessThan(0.05)
})

test('each engine has the onnxruntime-web that it was made for', () => {
  const all = readdirSync(join(PACKAGES, 'nestling/dist/runtime')).sort()
  const runtimes = all.filter((name) => !name.startsWith('kernels@'))
  expect(runtimes).toEqual(['onnxruntime-web@1.30.0', 'onnxruntime-web@1.31.0-dev.20260914-8d85527a0'])
  const [own, pinned] = runtimes.map((name) => read(`nestling/dist/runtime/${name}/ort-wasm-simd-threaded.mjs`))
  expect(own).not.toBe(pinned)
})

test('the kernels are small modules, two builds for each kind of memory, in a folder that the page names', () => {
  const dist = join(PACKAGES, 'nestling/dist')
  const [folder = '', ...others] = readdirSync(join(dist, 'runtime')).filter((name) => name.startsWith('kernels@'))
  expect(others).toEqual([])
  expect(read('nestling/dist/page.js')).toContain(`./runtime/${folder}/simd.wasm`)
  for (const file of modules('nestling/dist')) expect(read(file)).not.toContain('kernels@build')
  for (const build of ['relaxed-simd', 'simd', 'relaxed-simd-shared', 'simd-shared']) {
    const bytes = statSync(join(dist, 'runtime', folder, `${build}.wasm`)).size
    // What plan() tells.
    expect(Math.abs(bytes / 15_500 - 1)).toBeLessThan(0.2)
    // Vite puts smaller ones into the page as data: URLs, which a strict content security policy refuses.
    expect(bytes).toBeGreaterThan(4096)
  }
})

test('the worker has no top-level await, no static and no literal dynamic import', () => {
  const source = ts.createSourceFile('worker.js', read('nestling/dist/worker.js'), ts.ScriptTarget.ES2022, true)
  const found: string[] = []
  const visit = (node: ts.Node, isTop: boolean): void => {
    if (ts.isImportDeclaration(node)) found.push(node.getText())
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      if (node.arguments.some(ts.isStringLiteralLike)) found.push(node.getText())
    }
    if (isTop && (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)))
      found.push(node.getText())
    ts.forEachChild(node, (child) => {
      visit(child, isTop && !ts.isFunctionLike(node))
    })
  }
  visit(source, true)
  expect(found).toEqual([])
})

test('the packages hold what they need and no source, test or fixture', () => {
  const list = (name: string): string[] =>
    readdirSync(join(PACKAGES, name, 'dist'), { recursive: true, encoding: 'utf8' })
  expect(list('minilm-l6')).toEqual(
    expect.arrayContaining(['index.js', 'index.d.ts', 'model.safetensors', 'tokenizer.json', 'golden.json']),
  )
  expect(list('nestling')).toEqual(
    expect.arrayContaining(['index.js', 'index.d.ts', 'worker.js', 'THIRD-PARTY-NOTICES']),
  )
  expect(list('search')).toEqual(
    expect.arrayContaining(['index.js', 'index.d.ts', 'search-worker.js', 'THIRD-PARTY-NOTICES']),
  )
  for (const file of [...list('minilm-l6'), ...list('nestling'), ...list('search')])
    expect(file).not.toMatch(/\.test\.|fixtures|\.map$/)
})
