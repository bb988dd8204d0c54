import { describe, expect, it } from 'vitest'
import { adviceForMovedModule } from './moved-module.js'

const ORIGIN = 'http://localhost:5173'

describe('adviceForMovedModule()', () => {
  it.each([
    ['Vite', '/node_modules/.vite/deps/worker.js?worker_file&type=module'],
    ['Vite below a path', '/deep/app/node_modules/.vite/deps/runtime/kernels@7d3f8819/simd.wasm'],
    ['Vite with a cache of another folder', '/@fs/tmp/my-vite-cache/deps/worker.js'],
    ['Vite with a cacheDir of any name', '/.cache/here/deps/worker.js?worker_file&type=module'],
    ['Vite on a server', '/node_modules/.vite/deps_ssr/worker.js'],
    ['Nuxt', '/_nuxt/@fs/home/me/app/node_modules/.cache/vite/client/deps/worker.js'],
    ['Storybook', '/node_modules/.cache/storybook/1a2b/sb-vite/deps/worker.js'],
    ['Vitest', '/node_modules/.vite/vitest/da39a3ee/deps/worker.js'],
  ])('names the line for vite.config, for %s', (_, path) => {
    expect(adviceForMovedModule(ORIGIN + path)).toContain(
      "optimizeDeps: { exclude: ['nestling', '@nestling/minilm-l6', '@nestling/search'] }",
    )
  })

  it.each([
    '/node_modules/nestling/dist/worker.js?worker_file&type=module',
    '/assets/worker-B3kd9a.js',
    '/deps/worker.js',
    '/nestling/worker.js?from=/.vite/deps/x',
    '/vite/worker.js',
    '/vite/dependencies/worker.js',
  ])('has nothing to say of %s', (path) => {
    expect(adviceForMovedModule(ORIGIN + path)).toBeUndefined()
  })
})
