import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin, UserConfig } from 'vite'

// WebAssembly threads need SharedArrayBuffer, which a page only has when it is cross-origin isolated.
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** Files of the model: nestling keeps them in IndexedDB, and nobody wants them twice. */
const MODEL_FILE = /\.safetensors$|\/(?:tokenizer|golden)-[^/]*\.json$/

/** Tells the service worker which files this build has. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle(_, bundle) {
      const built = Object.keys(bundle).filter((file) => file !== 'index.html' && !MODEL_FILE.test(file))
      const files = ['./', ...built.sort()]
      const source = readFileSync(join(import.meta.dirname, 'service-worker.js'), 'utf8')
      const page = bundle['index.html']
      const html = page?.type === 'asset' ? page.source : ''
      const version = createHash('sha256').update(source).update(html).update(files.join()).digest('hex').slice(0, 16)
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source: source.replace("'__VERSION__'", `'${version}'`).replace("['__FILES__']", JSON.stringify(files)),
      })
    },
  }
}

const config: UserConfig = {
  base: './',
  build: { target: 'es2022' },
  plugins: [serviceWorker()],
  server: { headers: isolation },
  preview: { headers: isolation },
}

export default config
