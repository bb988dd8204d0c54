import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'playwright/test'
import { OTHER_BROWSERS } from '../tools/other-browsers.mjs'
import { createConsumerApp, installedVersion, skipReason, type ConsumerApp } from './consumer-app.ts'
import { expectConsumer, visit, type Visit } from './consumer-visits.ts'
import { expectOtherBrowser, notInstalled } from './other-browser.ts'
import { startVite, VITE, type ViteServer } from './vite-server.ts'

const version = installedVersion('vite')

let app: ConsumerApp
let server: ViteServer | undefined

test.beforeAll(async () => {
  test.setTimeout(300_000)
  app = await createConsumerApp('vite', { vite: version })
})

test.afterEach(() => {
  server?.close()
})

test.afterAll(() => {
  app.dispose()
})

/** Starts a server that ends with the test. */
async function start(...args: readonly string[]): Promise<string> {
  server = await startVite(app, ...args)
  return server.url
}

/** What a page loads beside the model, gzip at level 9. */
const MAX_CODE_BYTES = 126_000

/** The whole site of an application with the default model, of which the model has 24.1 MB. */
const MAX_SITE_BYTES = 26e6

const isOfOnnx = (file: string): boolean => /(^|\/)ort[.-]|onnx|transformers|\.mjs$/.test(file)

/** What is published beside the model, and what of it a page loads on WASM. */
function expectSmallSite({ requests }: Visit, dist: string): void {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  expect(files.filter(isOfOnnx)).toEqual([])
  // Two builds of the kernels for each kind of memory, and nothing else.
  expect(files.filter((file) => file.endsWith('.wasm'))).toHaveLength(4)
  const sizes = files.map((file) => statSync(join(dist, file))).filter((stats) => stats.isFile())
  expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(MAX_SITE_BYTES)
  expectLittleCode(requests, dist)
}

/** What a page loads beside the model. */
function expectLittleCode(requests: readonly string[], dist: string): void {
  const paths = requests.map((url) => new URL(url).pathname).filter((path) => /\.(js|wasm)$/.test(path))
  const code = [...new Set(paths)]
  const gzipBytes = code.map((path) => gzipSync(readFileSync(join(dist, path)), { level: 9 }).byteLength)
  const total = gzipBytes.reduce((sum, bytes) => sum + bytes, 0)
  console.log(`${total} B (gzip) of code in ${code.length} files beside the model`)
  expect(total).toBeLessThan(MAX_CODE_BYTES)
}

test('the packed packages work in Vite with default settings, in development', async ({ page }) => {
  const url = await start('--port', '0', '--strictPort')
  const { requests } = await expectConsumer(page, { name: `Vite ${version}, development`, url })
  expect(requests.filter((path) => /ort\.|transformers/.test(path))).toEqual([])
})

test('the packed packages work in Vite with default settings, built', async ({ page }) => {
  await app.run(VITE, 'build')
  const url = await start('preview', '--port', '0')
  const dist = join(app.folder, 'dist')
  expectSmallSite(await expectConsumer(page, { name: `Vite ${version}, built`, url, dist }), dist)
  const onGpu = await visit(page, `${url}?device=webgpu`)
  expect(onGpu.result).toMatchObject({ engine: 'kernels', runtime: 'wgsl', shape: [2, 384] })
  expect(onGpu.requests.filter((path) => path.endsWith('.wasm'))).toEqual([])
  expectLittleCode(onGpu.requests, dist)
  for (const engine of ['onnx', 'transformers']) {
    const { result } = await visit(page, `${url}?engine=${engine}`)
    expect(result.failed).toBe('TypeError')
    expect(result.message).toContain(`Import load from nestling/onnx, which brings onnxruntime-web`)
    expect(result.message).toContain(`npx nestling copy-assets --${engine}`)
  }
})

for (const browser of OTHER_BROWSERS) {
  test(`the packed packages work in Vite with default settings, built, in ${browser.name}`, async () => {
    const reason = notInstalled(browser) ?? skipReason
    test.skip(reason !== undefined, reason)
    await app.run(VITE, 'build', '--outDir', browser.name)
    await expectOtherBrowser(browser, `Vite ${version}, built`, join(app.folder, browser.name))
  })
}

test('the packed packages work in Vite below a path', async ({ page }) => {
  test.skip(skipReason !== undefined, skipReason)
  await app.run(VITE, 'build', '--base', '/deep/app/')
  const url = await start('preview', '--base', '/deep/app/', '--port', '0')
  expect(new URL(url).pathname).toBe('/deep/app/')
  const dist = join(app.folder, 'dist')
  await expectConsumer(page, { name: `Vite ${version}, below a path`, url, dist })
})
