/**
 * Builds dist/: index.js and onnx.js for the page, the same for Node, worker.js, onnx-engine.js and transformers.js in one file each, the runtimes beside them, and types. Builds
 * dist-test/ too: a worker that fails on purpose, and what writes vectors without a model.
 */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, defaultClientConditions, defaultServerConditions } from 'vite'
import { ASSEMBLYSCRIPT } from '../../tools/build/compile-assemblyscript.mjs'
import { writeDevelopmentDoors } from '../../tools/build/development-doors.mjs'
import { keepUrlLiterals } from '../../tools/build/keep-url-literals.mjs'
import { nameVersion } from '../../tools/build/name-version.mjs'
import { nodeVariants } from '../../tools/build/node-variants.mjs'
import { thirdPartyNotices } from '../../tools/build/third-party-notices.mjs'
import { writeTypes } from '../../tools/build/write-types.mjs'
import { compileKernels } from './kernels/compile.mjs'

const root = dirname(fileURLToPath(import.meta.url))
const dist = join(root, 'dist')
/** What browser tests load and users never get. */
const distTest = join(root, 'dist-test')

const modules = join(root, 'node_modules')
/** It comes with the kit. */
const COMLINK = join(root, '../kit/node_modules/comlink')
const transformers = join(modules, '@huggingface/transformers')
/** The packages that transformers.js pins. Its onnxruntime-web has the names of ours and other bytes. */
const transformersModules = join(realpathSync(transformers), '../..')

const RUNTIME_FILES = [
  'ort.wasm.min.mjs',
  'ort-wasm-simd-threaded.mjs',
  'ort-wasm-simd-threaded.wasm',
  'ort.jspi.min.mjs',
  'ort-wasm-simd-threaded.jspi.mjs',
  'ort-wasm-simd-threaded.jspi.wasm',
  'ort.webgpu.min.mjs',
  'ort-wasm-simd-threaded.asyncify.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
]

/** What the engine `transformers` loads by URL; the library is in its bundle. */
const TRANSFORMERS_RUNTIME_FILES = [
  'ort-wasm-simd-threaded.mjs',
  'ort-wasm-simd-threaded.wasm',
  'ort-wasm-simd-threaded.asyncify.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
]

const kernels = await Promise.all(
  ['relaxed-simd', 'simd'].flatMap((name) => [
    compileKernels(name).then((bytes) => ({ file: `${name}.wasm`, bytes })),
    compileKernels(name, { isShared: true }).then((bytes) => ({ file: `${name}-shared.wasm`, bytes })),
  ]),
)

/** Kernels are known by their bytes: a cache can never hold old ones under a new name, nor two builds of this package differ. */
const kernelsVersion = createHash('sha256')
  .update(Buffer.concat(kernels.map(({ bytes }) => bytes)))
  .digest('hex')
  .slice(0, 8)

/** Sources name the kernels' folder without a version, as they are compiled after they are written. */
function nameKernels() {
  return {
    name: 'name-kernels',
    enforce: 'pre',
    transform: (code) =>
      code.includes('kernels@build/')
        ? { code: code.replaceAll('kernels@build/', `kernels@${kernelsVersion}/`), map: null }
        : undefined,
  }
}

/** Where transformers.js would take its runtime from. The adapter always says where ours is; no address of a CDN is to be shipped. */
const CDN = 'https://cdn.jsdelivr.net/npm/onnxruntime-web@'

function withoutCdn() {
  return {
    name: 'without-cdn',
    transform: (code, id) => {
      if (!id.includes('/@huggingface/transformers/')) return undefined
      if (!code.includes(CDN)) throw new Error(`Cannot find ${CDN} in ${id}: look how this version finds its runtime`)
      return { code: code.replaceAll(CDN, './onnxruntime-web@'), map: null }
    },
  }
}

/** Sub-paths share the page's module, an entry, instead of holding it a second time. */
function sharePageModule(entry = './index.js') {
  const shared = /^\.\.\/api\/(main-entry|plan)\.js$|^\.\.\/wire\/embedder-error\.js$/
  return {
    name: 'share-page-module',
    enforce: 'pre',
    resolveId: (source, importer) =>
      importer?.includes('/src/adapters/') && shared.test(source) ? { id: entry, external: true } : undefined,
  }
}

/** What the page loads at once and later parts use too: one file is smaller than five. */
const PAGE_FILES = [
  ...['call-listener', 'until-aborted', 'within'].map((name) => `../kit/src/calls/${name}.ts`),
  ...['check-options', 'show', 'value-kinds'].map((name) => `../kit/src/options/${name}.ts`),
  ...['start-worker', 'import-bundle'].map((name) => `../kit/src/worker/${name}.ts`),
  ...['load', 'plan', 'latest'].map((name) => `src/api/${name}.ts`),
  'src/api/options/load-options.ts',
  ...['embedding-cache', 'lazy-model-cache'].map((name) => `src/api/caches/${name}.ts`),
  ...['quantize-embeddings', 'revive-embeddings'].map((name) => `src/api/embeddings/${name}.ts`),
  ...['asset-urls', 'model-from-assets'].map((name) => `src/api/source/${name}.ts`),
  ...['embeddings', 'matrix', 'precision'].map((name) => `src/math/${name}.ts`),
  'src/wire/embedder-error.ts',
  'src/engine/wasm-features.ts',
].map((path) => join(root, path))
for (const path of PAGE_FILES) if (!existsSync(path)) throw new Error(`Cannot bundle the page as there is no ${path}`)

const PAGE_PARTS = { name: 'page', test: (id) => PAGE_FILES.includes(id) }

/** What the worker loads by its URL where the engine `onnx` or `transformers` runs. */
const ENGINES = ['onnx-engine.js', 'transformers.js']

/** Entries that bring no `load` of their own. */
const ADAPTERS = ['ai-sdk', 'langchain', 'semantic-embedder']
/** The adapter that loads models, once more for those who use onnxruntime-web. */
const ONNX_ADAPTER = 'onnx-semantic-embedder'

/** Makes one file of each entry; what several of them need is in files of its own. */
async function bundle(sources, { plugins = [], outDir = dist, output = {}, isForNode = false } = {}) {
  const entry = Object.fromEntries(Object.entries(sources).map(([name, path]) => [name, join(root, 'src', path)]))
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [
      ...(isForNode ? [nodeVariants()] : []),
      ...[nameKernels(), nameVersion(root), keepUrlLiterals(), collectBundled()],
      ...plugins,
    ],
    // The loader of the runtime stays a file of its own: threads would start the whole bundle otherwise.
    resolve: {
      conditions: isForNode ? defaultServerConditions : ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
    },
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      lib: { entry, formats: ['es'], fileName: (_, name) => (isForNode ? nodeFile(name) : `${name}.js`) },
      // No comments with the paths of sources: 4 % of what a page loads.
      rollupOptions: {
        experimental: { attachDebugInfo: 'none' },
        // Installed by those who want a GPU on Node.
        external: isForNode ? [/^node:/, 'webgpu'] : [],
        // Vite leaves whitespace in libraries, 10 % of what a page loads; marks of what has no effect stay.
        output: { chunkFileNames: isForNode ? 'node-[name].js' : '[name].js', minify: true, ...output },
      },
    },
  })
}

/** The command line tool. It imports the entry for Node by its path, as it holds none of it. */
async function bundleTool() {
  const output = { entryFileNames: '[name].js', chunkFileNames: '[name].js' }
  await bundle({ nestling: 'cli/nestling.ts' }, { isForNode: true, outDir: join(dist, 'cli'), output })
}

/** How the module of an entry is called that the condition `node` leads to. */
function nodeFile(name) {
  return name === 'index' ? 'node.js' : `node-${name}.js`
}

/** Entries and worker for Node, with the adapters, which share the classes of errors with their entry. */
async function bundleForNode() {
  const isForNode = true
  const output = { codeSplitting: { groups: [PAGE_PARTS] } }
  await bundle({ index: 'index.ts', onnx: 'onnx.ts' }, { isForNode, output })
  await bundle({ worker: 'worker/worker.ts' }, { isForNode })
  for (const name of ADAPTERS) {
    await bundle({ [name]: `adapters/${name}.ts` }, { isForNode, plugins: [sharePageModule('./node.js')] })
  }
  const plugins = [sharePageModule('./node-onnx.js')]
  await bundle({ [ONNX_ADAPTER]: 'adapters/semantic-embedder.ts' }, { isForNode, plugins })
}

function copyRuntime(source, files) {
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  const target = join(dist, 'runtime', `onnxruntime-web@${version}`)
  mkdirSync(target, { recursive: true })
  for (const file of files) cpSync(join(source, 'dist', file), join(target, file))
  return version
}

function writeKernels() {
  const target = join(dist, 'runtime', `kernels@${kernelsVersion}`)
  mkdirSync(target, { recursive: true })
  for (const { file, bytes } of kernels) writeFileSync(join(target, file), bytes)
}

/** Folders of the packages whose code is in a bundle, as the bundler saw it. */
const bundledFolders = new Set()

function collectBundled() {
  return {
    name: 'collect-bundled',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        for (const id of chunk.type === 'chunk' ? chunk.moduleIds : []) {
          const folder = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
          if (folder !== undefined) bundledFolders.add(realpathSync(folder))
        }
      }
    },
  }
}

/** The licences of what is bundled, compiled in or copied must travel with it. */
function writeNotices() {
  // AssemblyScript's library is compiled into the kernels; transformers.js brings jinja in its own bundle.
  const own = ['idb', '@huggingface/tokenizers', 'onnxruntime-web', '@huggingface/transformers']
  const pinned = ['@huggingface/jinja', '@huggingface/tokenizers', 'onnxruntime-web']
  const listed = [
    ...own.map((name) => join(modules, name)),
    COMLINK,
    ASSEMBLYSCRIPT,
    ...pinned.map((name) => join(transformersModules, name)),
  ]
  // onnxruntime-web holds onnxruntime-common in its bundle.
  const common = listed.filter((folder) => folder.endsWith('onnxruntime-web'))
  listed.push(...common.map((folder) => join(realpathSync(folder), '../onnxruntime-common')))
  const folders = new Set([...listed.map((folder) => realpathSync(folder)), ...bundledFolders])
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), thirdPartyNotices(folders))
}

/** What `npx nestling copy-assets` copies. The worker is last of its set, as it names the others. */
function writeAssetList() {
  const inFolder = (folder) => readdirSync(join(dist, folder)).map((name) => `${folder}/${name}`)
  const runtimes = inFolder('runtime').flatMap(inFolder)
  const isAsyncify = (path) => /asyncify|webgpu/.test(path)
  const isOnnx = (path) => path.includes('onnxruntime-web@')
  const isPinned = (path) => path.includes(`@${pinnedVersion}/`)
  const own = runtimes.filter((path) => !isPinned(path))
  const pinned = runtimes.filter(isPinned)
  const scripts = readdirSync(dist).filter((name) => /^(?!node\b).*\.js$/.test(name))
  const sets = {
    default: [...own.filter((path) => !isOnnx(path)), 'THIRD-PARTY-NOTICES', 'worker.js'],
    onnx: [...own.filter((path) => isOnnx(path) && !isAsyncify(path)), ENGINES[0]],
    'onnx-asyncify': own.filter(isAsyncify),
    transformers: [...pinned.filter((path) => !isAsyncify(path)), ENGINES[1]],
    'transformers-asyncify': pinned.filter(isAsyncify),
    modules: [...scripts.filter((name) => !['worker.js', 'index.js', ...ENGINES].includes(name)), 'index.js'],
  }
  const described = Object.entries(sets).map(([name, paths]) => [name, paths.map(describeAsset)])
  writeFileSync(join(dist, 'assets.json'), JSON.stringify(Object.fromEntries(described), undefined, 2))
}

function describeAsset(path) {
  const bytes = readFileSync(join(dist, path))
  return { path, sizeBytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') }
}

for (const folder of [dist, distTest]) rmSync(folder, { recursive: true, force: true })
await bundle({ index: 'index.ts', onnx: 'onnx.ts' }, { output: { codeSplitting: { groups: [PAGE_PARTS] } } })
await bundle({ worker: 'worker/worker.ts' })
for (const name of ADAPTERS) await bundle({ [name]: `adapters/${name}.ts` }, { plugins: [sharePageModule()] })
await bundle({ [ONNX_ADAPTER]: 'adapters/semantic-embedder.ts' }, { plugins: [sharePageModule('./onnx.js')] })
await bundleForNode()
await bundleTool()
await bundle({ 'onnx-engine': 'engine/onnx/onnx-bundle.ts' })
await bundle({ transformers: 'engine/transformers/transformers-bundle.ts' }, { plugins: [withoutCdn()] })
await bundle({ 'faulty-worker': '../test/faults/faulty-worker.ts' }, { outDir: distTest })
await bundle({ 'keep-vectors': '../test/faults/keep-vectors.ts' }, { outDir: distTest })
copyRuntime(join(modules, 'onnxruntime-web'), RUNTIME_FILES)
const pinnedVersion = copyRuntime(join(transformersModules, 'onnxruntime-web'), TRANSFORMERS_RUNTIME_FILES)
writeKernels()
writeDevelopmentDoors(dist, ['index', 'onnx', ONNX_ADAPTER, ...ADAPTERS])
writeNotices()
writeAssetList()
writeTypes(root)
