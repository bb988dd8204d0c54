/** Builds dist/: index.js for the page, search-worker.js in one file with the kernels inside, the licences of what they hold, and types. */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { compileKernels } from './kernels/compile.mjs'

const root = dirname(fileURLToPath(import.meta.url))
const dist = join(root, 'dist')

/** Loaded from where the application has them. */
const EXTERNAL = ['nestling', 'minisearch']

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

/** Carries `new URL('./x', import.meta.url)` through the build as it is: the application's bundler has to see the literal. */
function keepUrlLiterals() {
  const literal = /new URL\(\s*'(\.\/[^']+)',\s*import\.meta\.url\s*,?\s*\)/g
  const marker = /__keepUrl\(["'`]([^"'`]+)["'`]\)/g
  return {
    name: 'keep-url-literals',
    enforce: 'pre',
    transform: (code) =>
      code.includes('import.meta.url') ? { code: code.replace(literal, "__keepUrl('$1')"), map: null } : undefined,
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk') chunk.code = chunk.code.replace(marker, "new URL('$1', import.meta.url)")
      }
    },
  }
}

async function bundle(entry, fileName, rollupOptions) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [keepUrlLiterals(), writeKernels()],
    build: {
      outDir: dist,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      lib: { entry: join(root, 'src', entry), formats: ['es'], fileName: () => fileName },
      rollupOptions,
    },
  })
}

function writeNotices() {
  const texts = ['comlink', 'idb', 'minisearch'].map((name) => {
    const folder = join(root, 'node_modules', name)
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = ['LICENSE', 'LICENSE.txt'].find((candidate) => {
      try {
        return readFileSync(join(folder, candidate)).length > 0
      } catch {
        return false
      }
    })
    const text = file === undefined ? `Licensed under ${license}.` : readFileSync(join(folder, file), 'utf8')
    return `${name} ${version} (${license})\n\n${text.trim()}\n`
  })
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), texts.join('\n----\n\n'))
}

rmSync(dist, { recursive: true, force: true })
await bundle('index.ts', 'index.js', { external: EXTERNAL, output: { chunkFileNames: '[name].js' } })
// One file: a chunk would be a request that a classic worker cannot make.
await bundle('worker/search-worker.ts', 'search-worker.js', { output: { codeSplitting: false } })
writeNotices()
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
