import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Frame, type Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { findBrowser, launchArgs } from '../tools/browser.mjs'
import { serve } from '../tools/serve.mjs'
import { atOnce, importPackages, type StorageWindow } from './storage-page.ts'

const ROOT = join(import.meta.dirname, '..')

/** What Chromium keeps of a user who has chosen that no site may store anything. */
const BLOCK_ALL = { profile: { default_content_setting_values: { cookies: 2 } } }

let server: Awaited<ReturnType<typeof serve>>
let profile: string
let context: BrowserContext | undefined

test.beforeEach(async () => {
  const packages = ['nestling', 'search'].map((name) => [`/${name}`, join(ROOT, 'packages', name, 'dist')])
  const others = [
    ['/page', join(import.meta.dirname, 'pages')],
    ['/model', join(ROOT, 'packages/testing/fixtures/models/bert-mean-normalize')],
  ]
  server = await serve({
    roots: Object.fromEntries([...packages, ...others]) as Record<string, string>,
    port: 0,
    isolated: false,
    // A frame without an origin reads everything from another one.
    headers: { 'Access-Control-Allow-Origin': '*' },
  })
  profile = mkdtempSync(join(tmpdir(), 'nestling-refused-'))
})
test.afterEach(async () => {
  await context?.close()
  context = undefined
  await server.close()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
})

async function openPage(path: string): Promise<Page> {
  const { executablePath } = await findBrowser()
  context = await chromium.launchPersistentContext(profile, { executablePath, args: launchArgs(), headless: true })
  const page = await context.newPage()
  await page.goto(`${server.url}/page/${path}`)
  return page
}

/** What the browser itself says, and not a test double. */
function refusals(frame: Page | Frame): Promise<Record<string, string>> {
  return frame.evaluate(async () => {
    const nameOf = (error: unknown): string => (error as Error).name
    const opened = new Promise<string>((resolve) => {
      const request = indexedDB.open('any')
      request.onsuccess = () => {
        resolve('opened')
      }
      request.onerror = () => {
        resolve(request.error?.name ?? '')
      }
    })
    return {
      locks: await navigator.locks.request('any', () => 'granted').catch(nameOf),
      indexedDB: await opened.catch(nameOf),
    }
  })
}

/** Every call that would store something, or wait for a lock; {@link expectVectors} has those of an embedder. */
async function expectWork(frame: Page | Frame): Promise<void> {
  await importPackages(frame, server.url)
  const inMemory = frame.evaluate(async () => {
    const { createIndex, workers } = globalThis as unknown as StorageWindow
    const index = await createIndex(workers.search)
    await index.add([1, 2].map((id) => ({ id, embedding: Float32Array.of(Math.cos(id), Math.sin(id)) })))
    const hits = await index.search(Float32Array.of(Math.cos(2), Math.sin(2)), { topK: 1 })
    const { documents, storage } = await index.stats()
    await index.dispose()
    return { ids: hits.map(({ id }) => id), documents, storage }
  })
  expect(await atOnce(inMemory)).toEqual({ ids: [2], documents: 2, storage: 'memory' })
  const stored = frame.evaluate(async () => {
    const { createIndex, workers } = globalThis as unknown as StorageWindow
    const codeOf = (error: unknown): string | undefined => (error as { readonly code?: string }).code
    return createIndex({ ...workers.search, store: 'notes' }).then(() => 'made', codeOf)
  })
  expect(await atOnce(stored)).toBe('store-unavailable')
  const caches = frame.evaluate(async () => {
    const { modelCache, embeddingCache } = (globalThis as unknown as StorageWindow).nestling
    const codeOf = (error: unknown): string | undefined => (error as { readonly code?: string }).code
    await Promise.all([modelCache.clear(), embeddingCache.clear()])
    const imported = await modelCache.import(new Blob(['x'])).then(() => 'stored', codeOf)
    const { storedVectors } = await embeddingCache.stats()
    return { models: await modelCache.list(), isDeleted: await modelCache.delete('url:x'), imported, storedVectors }
  })
  expect(await atOnce(caches)).toEqual({
    models: [],
    isDeleted: false,
    imported: 'store-unavailable',
    storedVectors: 0,
  })
}

/** Loads a model and keeps its embeddings, in memory. */
async function expectVectors(frame: Page | Frame): Promise<void> {
  const loaded = frame.evaluate(async (url) => {
    const { nestling, workers } = globalThis as unknown as StorageWindow
    const options = { ...workers.nestling, device: 'wasm', assetBaseUrl: `${url}/nestling/` }
    const embedder = await nestling.load(`${url}/model`, { ...options, cache: { embeddings: true } })
    const { data } = await embedder.encode(['It is well.', 'The river rises.'])
    await embedder.encode(['It is well.'])
    const { embeddings } = await embedder.stats()
    const { cache, warnings } = embedder.report
    await embedder.dispose()
    return { length: data.length, ...embeddings, ...cache, warnings: warnings.map(({ kind }) => kind) }
  }, server.url)
  const found = await atOnce(loaded)
  expect(found).toMatchObject({ length: 64, storage: 'memory', weights: 'not-stored', storedVectors: 2, hits: 1 })
  expect(found.reason).toMatch(/the browser has no storage here/)
  expect(found.warnings).toContain('cache-unavailable')
}

test('in a frame without an origin all works in memory, at once', async () => {
  const page = await openPage('frame.html')
  const frame = page.frame('sandboxed') as Frame
  await frame.waitForLoadState()
  expect(await refusals(frame)).toEqual({ locks: 'SecurityError', indexedDB: 'SecurityError' })
  await expectWork(frame)
  // Its workers are no secure contexts, where browsers have no digests; nothing is fetched again and again for that.
  const failed = frame.evaluate(async (url) => {
    const { nestling, createIndex, workers } = globalThis as unknown as StorageWindow
    const codeOf = (error: unknown): string | undefined => (error as { readonly code?: string }).code
    const options = { ...workers.nestling, device: 'wasm', assetBaseUrl: `${url}/nestling/` }
    const index = await createIndex({ ...workers.search, dim: 2 })
    const exported = await index.export().then(() => 'exported', codeOf)
    await index.dispose()
    return [await nestling.load(`${url}/model`, options).then(() => 'loaded', codeOf), exported]
  }, server.url)
  expect(await atOnce(failed)).toEqual(['environment-unsupported', 'environment-unsupported'])
})

test('where the user has blocked storage all works in memory, at once', async () => {
  mkdirSync(join(profile, 'Default'))
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(BLOCK_ALL))
  const page = await openPage('search.html')
  const found = await refusals(page)
  expect(found['indexedDB']).not.toBe('opened')
  console.log(`with storage blocked: ${JSON.stringify(found)}`)
  await expectWork(page)
  await expectVectors(page)
})
