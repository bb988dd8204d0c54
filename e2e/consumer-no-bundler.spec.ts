import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'playwright/test'
import { serve } from '../tools/serve.mjs'
import { createConsumerApp, skipReason, type ConsumerApp } from './consumer-app.ts'
import { expectConsumer, visit } from './consumer-visits.ts'

const TSC = join(import.meta.dirname, '../node_modules/typescript/bin/tsc')
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"

let app: ConsumerApp
let site: string

test.beforeAll(async () => {
  test.setTimeout(300_000)
  app = await createConsumerApp('no-bundler')
  site = join(app.folder, 'site')
  cpSync(join(app.folder, 'show.js'), join(site, 'show.js'))
  const command = ['.bin/nestling', 'copy-assets', 'site/nestling', '--model', '@nestling/minilm-l6', '--modules']
  const [script = '', ...args] = command
  expect(await app.run(script, ...args)).toMatch(/ copied, 0 files \(0\.0 MiB\) up to date\n$/)
  expect(await app.run(script, ...args)).toMatch(/: 0 files \(0\.0 MiB\) copied, /)
  const manifest = readFileSync(join(app.folder, 'node_modules/@nestling/minilm-l6/package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  for (const file of ['index.html', 'strict.js'].map((name) => join(site, name))) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('@VERSION', `@${version}`))
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

test('the packed packages work under a strict content security policy', async ({ page }) => {
  const { url, close } = await serveSite({ headers: { 'Content-Security-Policy': STRICT } })
  await expectConsumer(page, { name: 'Strict CSP', url: `${url}strict.html`, dist: site })
  // The policy is in force: the import map of the other page is an inline script.
  await page.goto(url)
  await expect(page.locator('#app')).toHaveText('')
  await close()
})

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
  const query = '?engine=onnx&device=wasm'
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
  const { result } = await visit(page, `${url}?engine=onnx&device=wasm`)
  expect(result).toMatchObject({ engine: 'onnx', threads: 1, isIsolated: false, shape: [2, 384] })
  await close()
})
