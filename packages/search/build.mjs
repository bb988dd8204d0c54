/**
 * Builds dist/: index.js and the adapters for the page, search-worker.js in one file with the kernels inside, entry and worker once more for
 * Node, the licences of what they hold, and types.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, defaultClientConditions, defaultServerConditions } from 'vite'
import { ASSEMBLYSCRIPT } from '../../tools/build/compile-assemblyscript.mjs'
import { writeDevelopmentDoors } from '../../tools/build/development-doors.mjs'
import { keepUrlLiterals } from '../../tools/build/keep-url-literals.mjs'
import { nameVersion } from '../../tools/build/name-version.mjs'
import { nodeVariants } from '../../tools/build/node-variants.mjs'
import { thirdPartyNotices } from '../../tools/build/third-party-notices.mjs'
import { writeTypes } from '../../tools/build/write-types.mjs'
import { compileKernels } from './kernels/compile.mjs'

const root = import.meta.dirname
const dist = join(root, 'dist')

/** Loaded from where the application has them. Of nestling the entry that brings no onnxruntime: both have the same classes. */
const EXTERNAL = ['nestling']

/** Entries of their own, for those who have a database already. */
const ADAPTERS = ['orama', 'pgvector']

/** What the page loads at once and later parts use too, in one file: each of two has its own names to export. */
const SHARED_PARTS = {
  name: 'shared',
  test: /src\/(calls|options|worker\/page-url|wire|client\/reading\/(known-ids|metadata-filter|read-portions))[^.]*\.ts$/,
}

const kernels = Buffer.from(await compileKernels()).toString('base64')

/** Sources name the kernels, as they are compiled after they are written. */
function writeKernels() {
  return {
    name: 'write-kernels',
    enforce: 'pre',
    transform: (code) =>
      code.includes("'kernels@build'")
        ? { code: code.replace("'kernels@build'", JSON.stringify(kernels)), map: null }
        : undefined,
  }
}

async function bundle(entry, fileName, { isForNode = false, ...rollupOptions }) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [...(isForNode ? [nodeVariants()] : []), keepUrlLiterals(), nameVersion(root), writeKernels()],
    resolve: { conditions: isForNode ? defaultServerConditions : defaultClientConditions },
    build: {
      outDir: dist,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      lib: { entry: join(root, 'src', entry), formats: ['es'], fileName: () => fileName },
      // No comments with the paths of sources: a user's page would load them.
      rollupOptions: { experimental: { attachDebugInfo: 'none' }, ...rollupOptions },
    },
  })
}

/** What both entries are made like. Vite leaves whitespace in libraries, 10 % of what a page loads; marks of what has no effect stay. */
const ENTRY_OUTPUT = { codeSplitting: { groups: [SHARED_PARTS] }, minify: true }

/** AssemblyScript's library is compiled into the kernels. */
function writeNotices() {
  const bundled = ['node_modules/idb', '../kit/node_modules/comlink']
  const folders = bundled.map((folder) => join(root, folder))
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), thirdPartyNotices([...folders, ASSEMBLYSCRIPT]))
}

rmSync(dist, { recursive: true, force: true })
await bundle('index.ts', 'index.js', {
  external: EXTERNAL,
  output: { chunkFileNames: '[name].js', ...ENTRY_OUTPUT },
})
await bundle('index.ts', 'node.js', {
  isForNode: true,
  external: [...EXTERNAL, /^node:/],
  output: { chunkFileNames: 'node-[name].js', ...ENTRY_OUTPUT },
})
for (const name of ADAPTERS) {
  await bundle(`adapters/${name}.ts`, `${name}.js`, { external: EXTERNAL, output: { minify: true } })
}
// One file: a chunk would be a request that a classic worker cannot make.
const oneFile = { output: { codeSplitting: false } }
await bundle('worker/entry/search-worker.ts', 'search-worker.js', oneFile)
await bundle('worker/entry/search-worker.ts', 'node-search-worker.js', {
  isForNode: true,
  external: [/^node:/],
  ...oneFile,
})
writeNotices()
writeDevelopmentDoors(dist, ['index', ...ADAPTERS])
writeTypes(root)
