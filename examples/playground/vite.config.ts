import type { UserConfig } from 'vite'

// WebAssembly threads need SharedArrayBuffer, and measuring memory needs isolation too.
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

const config: UserConfig = {
  base: './',
  build: { target: 'es2022' },
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation },
}

export default config
