import { join } from 'node:path'
import type { UserConfig } from 'vite'
import { serviceWorker } from './service-worker-plugin.js'

// WebAssembly threads need SharedArrayBuffer, which a page only has when it is cross-origin isolated.
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

const config: UserConfig = {
  base: './',
  build: { target: 'es2022' },
  plugins: [serviceWorker('in-page-search', join(import.meta.dirname, 'public'))],
  server: { headers: isolation },
  preview: { headers: isolation },
}

export default config
