import { join } from 'node:path'
import process from 'node:process'
import { playwright } from '@vitest/browser-playwright'
import type { Plugin } from 'vite'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { findBrowser, launchArgs } from './tools/browser.mjs'
import { openedBrowser } from './tools/opened-browser.mjs'
import { OTHER_BROWSERS } from './tools/other-browsers.mjs'
import { createFileHandler, ISOLATION } from './tools/serve.mjs'

const ROOT = import.meta.dirname
/** Room for a busy machine: other tests may run beside them. */
const UNIT_TIMEOUT_MS = 10_000
const BROWSER_TIMEOUT_MS = 120_000
/** What `expect.poll` waits for comes in its own time too: a second, which is the default, would judge it. */
const POLL = { unit: { poll: { timeout: UNIT_TIMEOUT_MS / 2 } }, browser: { poll: { timeout: 30_000 } } }

/** They wait for tabs that hang and workers that stay silent, longer than they compute: others run beside them. */
const WAITING_TESTS = 'packages/*/test/**/{held-locks,worker-start}.browser.test.ts'

/** They keep the GPU's process busy more than anything else: other tests may run beside them. */
const WEBGPU_TESTS = 'packages/*/test/**/*.webgpu.browser.test.ts'

/** They run in Node, on the adapter that `npm test` names. */
const GPU_TESTS = 'packages/*/{src,test}/**/*.gpu.test.ts'

/** They judge the time that something takes, so nothing may run beside them. */
const PERF_TESTS = {
  unit: 'packages/*/{src,test}/**/*.perf.test.ts',
  browser: 'packages/*/{src,test}/**/*.perf.browser.test.ts',
}

/** Whether browser tests run cross-origin isolated, where WASM has threads. */
const isIsolated = process.env['NESTLING_ISOLATED'] === '1'

/**
 * Folders that are sent as they are. Vite would rewrite the runtime's imports and warn about its missing source map; models
 * too large for the repository may lie beside it.
 */
const STATIC_ROOTS = {
  '/packages/nestling/dist/runtime': join(ROOT, 'packages/nestling/dist/runtime'),
  '/fixtures': join(ROOT, 'packages/testing/fixtures/models'),
  '/onnx-fixtures': join(ROOT, 'packages/testing/fixtures/onnx'),
  // For assetBaseUrl, as a server without a bundler would answer.
  '/nestling-dist': join(ROOT, 'packages/nestling/dist'),
  // Workers that fail on purpose.
  '/nestling-dist-test': join(ROOT, 'packages/nestling/dist-test'),
  '/shared-data': join(ROOT, '../shared/data'),
  '/shared-models': join(ROOT, '../shared/models'),
  '/shared-peers': join(ROOT, '../shared/peers'),
}

/** Answers with the files' bytes, or 404. */
function staticFiles(): Plugin {
  const answer = createFileHandler({ roots: STATIC_ROOTS, isolated: isIsolated })
  return {
    name: 'nestling-static-files',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const isOurs = Object.keys(STATIC_ROOTS).some((prefix) => request.url?.startsWith(`${prefix}/`))
        if (isOurs) void answer(request, response)
        else next()
      })
    },
  }
}

/** Unit tests and type checks need no browser, so a missing one is reported by the browser project alone. */
async function launchOptions(): Promise<{ args: string[]; executablePath?: string }> {
  const args = launchArgs({ webgpu: true })
  try {
    return { args, executablePath: (await findBrowser()).executablePath }
  } catch {
    return { args }
  }
}

/** The contracts of the stores, in each other browser that is installed. */
function otherBrowsers(): TestProjectInlineConfiguration[] {
  return OTHER_BROWSERS.flatMap(({ name, find }) => {
    const command = find()
    if (command === undefined) return []
    const browser = { enabled: true, provider: openedBrowser(command), instances: [{ browser: name }] }
    return {
      cacheDir: join(ROOT, 'node_modules/.vite', name),
      optimizeDeps: { include: ['fast-check'] },
      test: {
        name,
        include: ['packages/nestling/src/store/**/*.browser.test.ts'],
        // Times are promised for Chromium alone.
        exclude: [PERF_TESTS.browser],
        testTimeout: BROWSER_TIMEOUT_MS,
        expect: POLL.browser,
        browser,
      },
    }
  })
}

/** Tests in Chromium, against the packages as they were built. */
async function chromiumProject(
  name: string,
  files: { readonly include: string[]; readonly exclude?: string[] },
): Promise<TestProjectInlineConfiguration> {
  return {
    plugins: [staticFiles()],
    // Another header is another configuration, for which Vite would throw its cache away.
    cacheDir: join(ROOT, 'node_modules/.vite', isIsolated ? `${name}-isolated` : name),
    // Pre-bundling would move `import.meta.url`, which finds the worker, the runtime and the model.
    optimizeDeps: {
      exclude: ['nestling', '@nestling/minilm-l6', '@nestling/search'],
      include: ['fast-check', '@vue/reactivity'],
    },
    // The tests of a package import it as its users do: what was built, by name.
    resolve: {
      alias: {
        'nestling/semantic-embedder': join(ROOT, 'packages/nestling/dist/semantic-embedder.js'),
        'nestling/onnx/semantic-embedder': join(ROOT, 'packages/nestling/dist/onnx-semantic-embedder.js'),
        'nestling/onnx': join(ROOT, 'packages/nestling/dist/onnx.js'),
        nestling: join(ROOT, 'packages/nestling/dist/index.js'),
        '@nestling/minilm-l6': join(ROOT, 'packages/minilm-l6/dist/index.js'),
        '@nestling/search': join(ROOT, 'packages/search/dist/index.js'),
      },
    },
    server: { fs: { strict: true, allow: [ROOT] }, headers: isIsolated ? ISOLATION : {} },
    test: {
      name,
      ...files,
      provide: { runsAll: process.env['NESTLING_TEST_ALL'] === '1' },
      globalSetup: [join(ROOT, 'packages/testing/src/hub-global-setup.ts')],
      // Machines have two cores, and a worker that is starved looks hung.
      maxConcurrency: 2,
      testTimeout: BROWSER_TIMEOUT_MS,
      hookTimeout: BROWSER_TIMEOUT_MS,
      expect: POLL.browser,
      browser: {
        enabled: true,
        headless: true,
        provider: playwright({ launchOptions: await launchOptions() }),
        instances: [{ browser: 'chromium' as const }],
        screenshotFailures: false,
      },
    },
  }
}

export default defineConfig(async () => ({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            'packages/*/{src,test}/**/*.test.ts',
            'examples/*/src/**/*.test.ts',
            'tools/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/*.browser.test.ts', GPU_TESTS, PERF_TESTS.unit],
          testTimeout: UNIT_TIMEOUT_MS,
          expect: POLL.unit,
        },
      },
      {
        test: {
          name: 'gpu',
          environment: 'node',
          include: [GPU_TESTS],
          // One process: Dawn is opened once, and compiles on all cores.
          maxWorkers: 1,
          isolate: false,
          testTimeout: BROWSER_TIMEOUT_MS,
          // A device that is destroyed ends what it compiles first.
          hookTimeout: BROWSER_TIMEOUT_MS,
          expect: POLL.unit,
        },
      },
      await chromiumProject('browser', {
        include: ['packages/*/{src,test}/**/*.browser.test.ts', 'examples/*/src/**/*.browser.test.ts'],
        exclude: [WEBGPU_TESTS, WAITING_TESTS, PERF_TESTS.browser],
      }),
      await chromiumProject('waiting', { include: [WAITING_TESTS] }),
      await chromiumProject('webgpu', { include: [WEBGPU_TESTS] }),
      { test: { name: 'perf', environment: 'node', include: [PERF_TESTS.unit], testTimeout: BROWSER_TIMEOUT_MS } },
      await chromiumProject('perf-browser', { include: [PERF_TESTS.browser] }),
      ...otherBrowsers(),
    ],
  },
}))
