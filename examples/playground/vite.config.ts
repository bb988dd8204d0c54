import type { UserConfig } from 'vite'

// WebAssembly threads need SharedArrayBuffer, and measuring memory needs isolation too.
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

const config: UserConfig = {
  base: './',
  build: {
    target: 'es2022',
    // The benchmark measures cold starts in a document of its own.
    rolldownOptions: { input: ['index.html', 'cold-start.html'] },
  },
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation },
}

export default config
