// Makes dist/: one file, of which the user's own bundler takes only the evaluators that are imported, and types.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { writeTypes } from '../../tools/build/write-types.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))

rmSync(join(root, 'dist'), { recursive: true, force: true })
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    target: 'es2022',
    minify: true,
    // Vite leaves whitespace in libraries.
    rollupOptions: { output: { minify: true } },
    lib: { entry: join(root, 'src/index.ts'), formats: ['es'], fileName: () => 'index.js' },
  },
})
writeTypes(root)
