import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, type Page } from 'playwright/test'
import { OTHER_BROWSERS } from '../tools/other-browsers.mjs'
import { createConsumerApp, installedVersion, skipReason, type ConsumerApp } from './consumer-app.ts'
import { expectConsumer, visit } from './consumer-visits.ts'
import { expectOtherBrowser, notInstalled } from './other-browser.ts'
import { startVite, VITE, type ViteServer } from './vite-server.ts'

const version = installedVersion('vite')

let app: ConsumerApp
let server: ViteServer | undefined

test.beforeAll(async () => {
  test.setTimeout(300_000)
  app = await createConsumerApp('vite', { vite: version })
  const folder = 'bert-tiny-onnx'
  const fixture = join(import.meta.dirname, '../packages/testing/fixtures/onnx', folder)
  cpSync(fixture, join(app.folder, 'public', folder), { recursive: true })
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

const pathsOf = (requests: readonly string[]): readonly string[] => requests.map((url) => new URL(url).pathname)

async function expectOnlyWhatIsUsed(page: Page, consumer: Parameters<typeof expectConsumer>[1]): Promise<void> {
  const first = await expectConsumer(page, consumer)
  // Those who do not use it do not load it.
  expect(pathsOf(first.requests).filter((path) => /transformers|-dev\./.test(path))).toEqual([])
}

/** The engine of ONNX folders, whose files only it loads. */
async function expectOnnxFolder(page: Page, url: string): Promise<void> {
  const { result, requests } = await visit(page, `${url}?engine=transformers`)
  expect(result).toMatchObject({ engine: 'transformers', shape: [2, 32] })
  expect(pathsOf(requests).filter((path) => /\/transformers[\w.-]*\.js$/.test(path))).toHaveLength(1)
  expect(pathsOf(requests).filter((path) => path.endsWith('.wasm'))).toHaveLength(1)
}

test('the packed packages work in Vite with default settings, in development', async ({ page }) => {
  const url = await start('--port', '0', '--strictPort')
  await expectOnlyWhatIsUsed(page, { name: `Vite ${version}, development`, url })
  await expectOnnxFolder(page, url)
})

test('the packed packages work in Vite with default settings, built', async ({ page }) => {
  await app.run(VITE, 'build')
  const url = await start('preview', '--port', '0')
  await expectOnlyWhatIsUsed(page, { name: `Vite ${version}, built`, url, dist: join(app.folder, 'dist') })
  await expectOnnxFolder(page, url)
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
  await expectOnlyWhatIsUsed(page, { name: `Vite ${version}, below a path`, url, dist })
})
