import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'playwright/test'
import { pack } from './consumer-app.ts'

const PACKAGES = join(import.meta.dirname, '../packages')
const execute = promisify(execFile)

interface ConditionalExport {
  readonly default: string
  readonly development?: { readonly browser: string }
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | ConditionalExport>>
  readonly sideEffects: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

const manifestOf = (name: string): Manifest =>
  JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8')) as Manifest

/** What a page loads models with, on our kernels alone or on all engines. */
const PAGE = [
  'EmbedderError',
  'Embeddings',
  'Matrix',
  'embeddingCache',
  'isEmbedderError',
  'isSupported',
  'latest',
  'load',
  'modelCache',
  'modelFromAssets',
  'plan',
  'quantizeEmbeddings',
]

/** What each import gives; a change here is a change of the public API and needs a changeset. */
const EXPORTS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  nestling: {
    '.': PAGE,
    './onnx': PAGE,
    './ai-sdk': ['createEmbeddingModel'],
    './langchain': ['NestlingEmbeddings'],
    './semantic-embedder': ['defineSemanticEmbedder'],
    './onnx/semantic-embedder': ['defineSemanticEmbedder'],
  },
  'minilm-l6': { '.': ['minilmL6'] },
  evaluate: {
    '.': [
      'BinaryClassificationEvaluator',
      'EmbeddingSimilarityEvaluator',
      'InformationRetrievalEvaluator',
      'ParaphraseMiningEvaluator',
      'SIMILARITY_FUNCTIONS',
      'TripletEvaluator',
      'accuracyAtK',
      'averagePrecision',
      'evaluationsToCsv',
      'evaluationsToJson',
      'evaluationsToMarkdown',
      'findBestAccAndThreshold',
      'findBestF1AndThreshold',
      'mapAtK',
      'matryoshkaTable',
      'matthewsCorrcoef',
      'mrrAtK',
      'ndcgAtK',
      'pearson',
      'precisionAtK',
      'recallAtK',
      'spearman',
    ],
  },
  search: {
    '.': [
      'SIMILARITY_FUNCTIONS',
      'candidatesToFuse',
      'communityDetection',
      'createIndex',
      'createKeywordIndex',
      'dequantizeRows',
      'fuseByReciprocalRank',
      'fuseByScores',
      'paraphraseMining',
      'paraphraseMiningEmbeddings',
      'quantizeRows',
      'semanticSearch',
    ],
    './orama': ['oramaVectorQuery', 'toOramaDocuments'],
    './pgvector': ['createPgvectorTable', 'putPgvector', 'searchPgvector'],
  },
}

/** Whose code is in an archive. */
const NOTICES: Readonly<Record<string, readonly string[]>> = {
  nestling: [
    '@huggingface/jinja (MIT)',
    '@huggingface/tokenizers (Apache-2.0)',
    '@huggingface/transformers (Apache-2.0)',
    'assemblyscript (Apache-2.0)',
    'comlink (Apache-2.0)',
    'idb (ISC)',
    'onnxruntime-common (MIT)',
    'onnxruntime-common (MIT)',
    'onnxruntime-web (MIT)',
    'onnxruntime-web (MIT)',
  ],
  search: ['assemblyscript (Apache-2.0)', 'comlink (Apache-2.0)', 'idb (ISC)'],
}

for (const [name, entries] of Object.entries(EXPORTS)) {
  test(`the built ${name} exports this and nothing else, also where there is no browser`, async () => {
    const { exports } = manifestOf(name)
    expect(Object.keys(exports).sort()).toEqual([...Object.keys(entries), './package.json'].sort())
    for (const [entry, names] of Object.entries(entries)) {
      const target = exports[entry]
      const file = typeof target === 'object' ? target.default : ''
      const module = (await import(pathToFileURL(join(PACKAGES, name, file)).href)) as object
      expect(Object.keys(module).sort(), entry).toEqual(names)
    }
  })
}

for (const name of Object.keys(EXPORTS)) {
  test(`the archive of ${name} has its licences and its README, and no source`, async () => {
    const { stdout } = await execute('tar', ['-tzf', await pack(name)])
    const files = stdout.trim().split('\n')
    expect(files).toEqual(expect.arrayContaining(['package/LICENSE', 'package/README.md', 'package/package.json']))
    expect(files.filter((file) => /\.test\.|\/src\/|node_modules|tsconfig/.test(file))).toEqual([])
    if (name in NOTICES) expect(files).toContain('package/dist/THIRD-PARTY-NOTICES')
    if (name === 'minilm-l6') expect(files).toContain('package/NOTICE')
  })

  test(`the archive of ${name} does without the kit, which nobody can install`, async () => {
    const archive = await pack(name)
    const excluded = ['package/package.json', '*.wasm', '*.safetensors'].map((pattern) => `--exclude=${pattern}`)
    const texts = await execute('tar', ['-xzOf', archive, ...excluded], { maxBuffer: 2 ** 28 })
    expect(texts.stdout.length).toBeGreaterThan(1000)
    expect(texts.stdout).not.toContain('@nestling/kit')
    const manifest = await execute('tar', ['-xzOf', archive, 'package/package.json'])
    const published = JSON.parse(manifest.stdout) as Readonly<Record<string, unknown>>
    expect(JSON.stringify({ ...published, devDependencies: {} })).not.toContain('@nestling/kit')
  })

  test(`${name} says that its modules have no side effects, and needs nothing but what is written here`, () => {
    const { sideEffects, dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifestOf(name)
    expect(sideEffects).toBe(false)
    // As a dependency it would come from a registry, beside the application's own, which no archive can say.
    expect(Object.keys(dependencies)).toEqual([])
    for (const peer of Object.keys(peerDependencies).filter((other) => other !== 'nestling'))
      expect(peerDependenciesMeta[peer]?.optional, peer).toBe(true)
  })
}

for (const [name, wanted] of Object.entries(NOTICES)) {
  test(`the notices of ${name} name every package whose code is shipped, with its licence`, () => {
    const notices = readFileSync(join(PACKAGES, name, 'dist/THIRD-PARTY-NOTICES'), 'utf8')
    const named = notices.split('\n----\n\n').map((text) => text.split('\n', 1)[0]?.replace(/ [^ ]+ \(/, ' ('))
    expect(named.sort()).toEqual(wanted)
    for (const text of notices.split('\n----\n\n')) expect(text.length).toBeGreaterThan(40)
  })
}

test('every module that names files beside itself has a door for development servers, which leads to the same exports', async () => {
  for (const [name, entries] of Object.entries(EXPORTS)) {
    for (const entry of name === 'evaluate' ? [] : Object.keys(entries)) {
      const { default: file, development } = manifestOf(name).exports[entry] as ConditionalExport
      const door = join(PACKAGES, name, development?.browser ?? '')
      // Vite moves no entry that ends so.
      expect(basename(door)).toBe(`${basename(file, '.js')}.jsx`)
      expect(readFileSync(door, 'utf8')).toBe(`export * from '../${basename(file)}'\n`)
    }
  }
})

test('the adapters import no package: those who do not use them install nothing', () => {
  const ofNestling = ['ai-sdk', 'langchain', 'semantic-embedder', 'onnx-semantic-embedder']
  const ofSearch = ['orama', 'pgvector']
  const files = [
    ...ofNestling.map((name) => `nestling/dist/${name}.js`),
    ...ofSearch.map((name) => `search/dist/${name}.js`),
  ]
  // What everybody has who has a model.
  const allowed = ['./index.js', './onnx.js', 'nestling']
  for (const file of files) {
    const code = readFileSync(join(PACKAGES, file), 'utf8')
    const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map(([, specifier]) => specifier)
    expect(specifiers.filter((specifier) => !allowed.includes(specifier ?? ''))).toEqual([])
  }
})

test('copy-assets lists every file that load() may ask for below assetBaseUrl, and none over 25 MiB by default', () => {
  const list = JSON.parse(readFileSync(join(PACKAGES, 'nestling/dist/assets.json'), 'utf8')) as Readonly<
    Record<string, readonly { readonly path: string; readonly sizeBytes: number }[]>
  >
  const pathsOf = (set: string): readonly string[] => (list[set] ?? []).map(({ path }) => path)
  for (const set of ['default', 'onnx', 'transformers'])
    expect(list[set]?.filter(({ sizeBytes }) => sizeBytes > 25 * 2 ** 20)).toEqual([])
  const all = Object.keys(list).flatMap(pathsOf)
  expect(new Set(all).size).toBe(all.length)
  expect(pathsOf('default').filter((path) => /onnx|ort|transformers/.test(path))).toEqual([])
  const names = pathsOf('onnx').map((path) => path.split('/').at(-1))
  expect(names.sort()).toEqual([
    'onnx-engine.js',
    'ort-wasm-simd-threaded.jspi.mjs',
    'ort-wasm-simd-threaded.jspi.wasm',
    'ort-wasm-simd-threaded.mjs',
    'ort-wasm-simd-threaded.wasm',
    'ort.jspi.min.mjs',
    'ort.wasm.min.mjs',
  ])
  const kernels = pathsOf('default').filter((path) =>
    /^runtime\/kernels@[0-9a-f]{8}\/(relaxed-simd|simd)(-shared)?\.wasm$/.test(path),
  )
  expect(kernels).toHaveLength(4)
  expect(pathsOf('default').at(-1)).toBe('worker.js')
  expect(pathsOf('modules').at(-1)).toBe('index.js')
  // What the page's module names as a file beside it.
  const modules = ['index', 'onnx', 'page'].map((name) =>
    readFileSync(join(PACKAGES, 'nestling/dist', `${name}.js`), 'utf8'),
  )
  const literals = [...modules.join('\n').matchAll(/new URL\('\.\/([^']+)'/g)].map(([, path]) => path)
  expect(literals.length).toBeGreaterThan(8)
  expect(literals.filter((path) => !all.includes(path ?? ''))).toEqual([])
})
