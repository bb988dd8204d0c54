import { createHash } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { chromium } from 'playwright'
import { expect, test } from 'playwright/test'
import { findBrowser, launchArgs } from '../tools/browser.mjs'
import { OTHER_BROWSERS } from '../tools/other-browsers.mjs'
import { serve } from '../tools/serve.mjs'
import { createConsumerApp, pack, skipReason, type ConsumerApp } from './consumer-app.ts'
import { expectConsumer, visit } from './consumer-visits.ts'
import { expectOtherBrowser, notInstalled } from './other-browser.ts'

const TSC = join(import.meta.dirname, '../node_modules/typescript/bin/tsc')
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"

let app: ConsumerApp
let site: string

test.beforeAll(async () => {
  test.setTimeout(300_000)
  app = await createConsumerApp('no-bundler', { '@nestling/search': `file:${await pack('search')}` })
  site = join(app.folder, 'site')
  cpSync(join(app.folder, 'show.js'), join(site, 'show.js'))
  const command = [
    '.bin/nestling',
    'copy-assets',
    'site/nestling',
    '--model',
    '@nestling/minilm-l6',
    '--modules',
    '--onnx',
  ]
  const [script = '', ...args] = command
  expect(await app.run(script, ...args)).toMatch(/ copied, 0 files \(0\.0 MiB\) up to date\n$/)
  expect(await app.run(script, ...args)).toMatch(/: 0 files \(0\.0 MiB\) copied, /)
  const manifest = readFileSync(join(app.folder, 'node_modules/@nestling/minilm-l6/package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const readme = readFileSync(join(import.meta.dirname, '../packages/search/README.md'), 'utf8')
  const [importMap = ''] = /<script type="importmap">[^]+?<\/script>/.exec(readme) ?? []
  for (const file of [join(site, 'index.html'), join(site, 'strict.js'), join(app.folder, 'find.html')]) {
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replaceAll('<!-- import map -->', importMap).replaceAll('@VERSION', `@${version}`),
    )
  }
})

test.afterAll(() => {
  app.dispose()
})

interface SiteOptions {
  readonly path?: string
  readonly isolated?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** Serves the site for one test. */
async function serveSite({ path = '', isolated = false, headers = {} }: SiteOptions = {}): Promise<{
  url: string
  close: () => Promise<void>
}> {
  const { url, close } = await serve({ roots: { [path === '' ? '/' : path]: site }, isolated, headers, port: 0 })
  return { url: `${url}${path}/`, close }
}

test('the packed packages work without a bundler, by an import map', async ({ page }) => {
  const { url, close } = await serveSite()
  await expectConsumer(page, { name: 'No bundler, import map', url, dist: site })
  await close()
})

test('a page without a bundler searches, with the import map that the README of @nestling/search has', async ({
  page,
}) => {
  const folder = join(app.folder, 'searching')
  cpSync(site, folder, { recursive: true })
  for (const name of ['find.html', 'show-found.js']) cpSync(join(app.folder, name), join(folder, name))
  cpSync(join(app.folder, 'node_modules/@nestling/search/dist'), join(folder, 'search'), { recursive: true })
  const { url, close } = await serve({ roots: { '/': folder }, isolated: false, port: 0 })
  expect((await visit(page, `${url}/find.html`)).result).toEqual({ found: 'key', engine: 'kernels' })
  await close()
})

test('the packed packages work under a strict content security policy', async ({ page }) => {
  const { url, close } = await serveSite({ headers: { 'Content-Security-Policy': STRICT } })
  await expectConsumer(page, { name: 'Strict CSP', url: `${url}strict.html`, dist: site })
  // The policy is in force: the import map of the other page is an inline script.
  await page.goto(url)
  await expect(page.locator('#app')).toHaveText('')
  await close()
})

for (const browser of OTHER_BROWSERS) {
  test(`the packed packages work without a bundler in ${browser.name}`, async () => {
    const reason = notInstalled(browser)
    test.skip(reason !== undefined, reason)
    await expectOtherBrowser(browser, 'No bundler, import map', site)
  })
}

for (const [module, resolution] of [
  ['ESNext', 'bundler'],
  ['NodeNext', 'NodeNext'],
] as const) {
  test(`the packed types are whole without optional packages, by ${resolution}`, async () => {
    const kind = ['--module', module, '--moduleResolution', resolution]
    // What tsc complains of stands in its output, and is the reason of the rejection.
    expect(await app.run(relative(join(app.folder, 'node_modules'), TSC), '-p', 'tsconfig.json', ...kind)).toBe('')
  })
}

test('the packed packages work below a path', async ({ page }) => {
  test.skip(skipReason !== undefined, skipReason)
  const { url, close } = await serveSite({ path: '/deep/app' })
  await expectConsumer(page, { name: 'Below a path', url, dist: site })
  await close()
})

test('the packed packages work on a cross-origin isolated page, with the threads of its cores', async ({ page }) => {
  test.skip(skipReason !== undefined, skipReason)
  const { url, close } = await serveSite({ isolated: true })
  const query = '?engine=onnx&device=wasm&assetBaseUrl=./nestling/'
  const consumer = { name: 'Cross-origin isolated', url: url + query, dist: site, isIsolated: true }
  const { result } = await expectConsumer(page, consumer)
  expect(result.engine).toBe('onnx')
  const cores = await page.evaluate(() => navigator.hardwareConcurrency)
  expect(result.threads).toBe(Math.max(1, Math.min(4, cores - 1)))
  await close()
})

test('the same page works without isolation, with one thread', async ({ page }) => {
  test.skip(skipReason !== undefined, skipReason)
  const { url, close } = await serveSite()
  const { result } = await visit(page, `${url}?engine=onnx&device=wasm&assetBaseUrl=./nestling/`)
  expect(result).toMatchObject({ engine: 'onnx', threads: 1, isIsolated: false, shape: [2, 384] })
  await close()
})

test('a page under Trusted Types starts the worker from assetBaseUrl, and says so where it was not given', async ({
  page,
}) => {
  test.skip(skipReason !== undefined, skipReason)
  const policy = "require-trusted-types-for 'script'; trusted-types nestling"
  const { url, close } = await serveSite({ headers: { 'Content-Security-Policy': policy } })
  await expectConsumer(page, { name: 'Trusted Types', url: `${url}?assetBaseUrl=./nestling/`, dist: site })
  const { result } = await visit(page, url, { hasErrors: true })
  expect(result.failed).toBe('environment-unsupported')
  expect(result.message).toContain('under Trusted Types give assetBaseUrl and allow the policy nestling')
  await close()
})

test('an assetBaseUrl of another origin works with workerUrl, and gives its error without', async ({ page }) => {
  test.skip(skipReason !== undefined, skipReason)
  const { url, close } = await serveSite()
  const cdn = await serveSite({ headers: { 'Access-Control-Allow-Origin': '*' } })
  const assets = `assetBaseUrl=${cdn.url}nestling/`
  await expectConsumer(page, {
    name: 'Assets from another origin',
    url: `${url}?${assets}&workerUrl=./nestling/worker.js`,
    origins: [new URL(cdn.url).origin],
    dist: site,
  })
  const { result } = await visit(page, `${url}?${assets}`, { hasErrors: true })
  expect(result.failed).toBe('environment-unsupported')
  expect(result.message).toContain("Serve worker.js from the page's own origin")
  await Promise.all([close(), cdn.close()])
})

test('the packed packages work in a page of an MV3 extension', async () => {
  test.skip(skipReason !== undefined, skipReason)
  const extension = join(app.folder, 'extension')
  cpSync(site, extension, { recursive: true })
  cpSync(join(import.meta.dirname, 'fixtures/extension'), extension, { recursive: true })
  const { executablePath } = await findBrowser()
  const switches = [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`, '--headless=new']
  const context = await chromium.launchPersistentContext(join(app.folder, 'profile'), {
    executablePath,
    // Extensions need the whole browser, which this switch would not start.
    headless: false,
    args: [...launchArgs(), ...switches],
  })
  try {
    const url = `chrome-extension://${extensionId(extension)}/strict.html`
    await expectConsumer(await context.newPage(), { name: 'MV3 extension page', url, dist: extension })
  } finally {
    await context.close()
  }
})

/** Chromium names an unpacked extension by its path: half of the SHA-256, with letters from a to p. */
function extensionId(folder: string): string {
  const hex = createHash('sha256').update(folder).digest('hex').slice(0, 32)
  return hex.replace(/./g, (digit) => String.fromCharCode('a'.charCodeAt(0) + parseInt(digit, 16)))
}
