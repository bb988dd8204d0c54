import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/** Files of the model: nestling keeps them in IndexedDB, and nobody wants them twice. */
const MODEL_FILE = /\.safetensors$|\/(?:tokenizer|golden)-[^/]*\.json$/

/**
 * Tells the service worker which files a build has.
 *
 * @param name - Name of the page; its caches begin with it, as all pages of an origin share theirs.
 * @param publicFolder - Folder of files that the build copies as they are.
 * @returns The plugin.
 */
export function serviceWorker(name: string, publicFolder: string): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle(_, bundle) {
      const built = Object.keys(bundle).filter((file) => file !== 'index.html' && !MODEL_FILE.test(file))
      const copied = existsSync(publicFolder) ? readdirSync(publicFolder) : []
      const files = ['./', ...[...built, ...copied].sort()]
      const source = readFileSync(join(import.meta.dirname, 'service-worker.js'), 'utf8')
      const page = bundle['index.html']
      const html = page?.type === 'asset' ? page.source : ''
      const hash = createHash('sha256').update(source).update(html).update(files.join())
      // Names of copied files do not change with what is in them.
      for (const file of copied) hash.update(readFileSync(join(publicFolder, file)))
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source: source
          .replace("'__NAME__-'", `'${name}-'`)
          .replace("'__VERSION__'", `'${hash.digest('hex').slice(0, 16)}'`)
          .replace("['__FILES__']", JSON.stringify(files)),
      })
    },
  }
}
