/** Builds dist/: index.js for the page, worker.js in one file, the runtime's files beside them, and type declarations. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = dirname(fileURLToPath(import.meta.url))
const dist = join(root, 'dist')
const require = createRequire(import.meta.url)

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

/**
 * Carries `new URL('./x', import.meta.url)` through the build as it is. Vite's library mode would make `./worker.js` a path from the
 * server's root and turn other files into base64; the application's bundler has to see the literals.
 */
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

async function bundle(entry, fileName) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [keepUrlLiterals()],
    build: {
      outDir: dist,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      lib: { entry: join(root, 'src', entry), formats: ['es'], fileName: () => fileName },
    },
  })
}

function copyRuntime() {
  const source = join(root, 'node_modules', 'onnxruntime-web')
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  const target = join(dist, 'runtime', `onnxruntime-web@${version}`)
  mkdirSync(target, { recursive: true })
  for (const file of RUNTIME_FILES) cpSync(join(source, 'dist', file), join(target, file))
}

/** The licences of what is bundled or copied must travel with it. */
function writeNotices() {
  const texts = ['comlink', '@huggingface/tokenizers', 'onnxruntime-web'].map((name) => {
    const folder = join(root, 'node_modules', name)
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const text = readLicense(folder) ?? `Licensed under ${license}.`
    return `${name} ${version} (${license})\n\n${text.trim()}\n`
  })
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), texts.join('\n----\n\n'))
}

function readLicense(folder) {
  for (const name of ['LICENSE', 'LICENSE.md', 'LICENSE.txt']) {
    try {
      return readFileSync(join(folder, name), 'utf8')
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
    }
  }
  return undefined
}

rmSync(dist, { recursive: true, force: true })
await bundle('index.ts', 'index.js')
await bundle('worker/worker.ts', 'worker.js')
copyRuntime()
writeNotices()
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
