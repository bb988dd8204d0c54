import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { serve } from '../tools/serve.mjs'
import { atOnce, importPackages, type StorageWindow } from './storage-page.ts'

const ROOT = join(import.meta.dirname, '..')
const TEXTS = ['It is well.', 'The river rises.', "That's convenient."]

let server: Awaited<ReturnType<typeof serve>>

test.beforeEach(async ({ page }) => {
  const packages = ['nestling', 'search'].map((name) => [`/${name}`, join(ROOT, 'packages', name, 'dist')])
  const others = [
    ['/page', join(import.meta.dirname, 'pages')],
    ['/model', join(ROOT, 'packages/testing/fixtures/models/bert-mean-normalize')],
  ]
  server = await serve({ roots: Object.fromEntries([...packages, ...others]) as Record<string, string>, port: 0 })
  await page.goto(`${server.url}/page/search.html`)
  await importPackages(page, server.url)
})
test.afterEach(() => server.close())

/** What the user does in the browser's settings, while the page is open. */
async function clearSiteData(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.clearDataForOrigin', { origin: server.url, storageTypes: 'all' })
  await session.detach()
}

/** Encodes and searches with what the page has held since its start. */
function use(page: Page): Promise<{ vector: number[]; stored: number; documents: number; ids: number[] }> {
  const using = page.evaluate(async (texts) => {
    const { embedder, index } = globalThis as unknown as StorageWindow
    const { data } = await embedder.encode(texts)
    const { embeddings } = await embedder.stats()
    const { documents } = await index.stats()
    const ids = (await index.search(texts[1] ?? '', { topK: 1 })).map(({ id }) => id)
    return { vector: [...data.subarray(0, 4)], stored: embeddings.storedVectors, documents, ids }
  }, TEXTS)
  return atOnce(using)
}

test('a page whose site data is cleared goes on, and keeps anew what comes', async ({ page }) => {
  const made = page.evaluate(
    async ([texts, url]) => {
      const { nestling, createIndex } = globalThis as unknown as StorageWindow
      const embedder = await nestling.load(`${url}/model`, { device: 'wasm', cache: { embeddings: true } })
      const index = await createIndex({ embedder, store: 'notes' })
      await index.add(texts.map((text, id) => ({ id, text })))
      Object.assign(globalThis, { embedder, index })
    },
    [TEXTS, server.url] as const,
  )
  await atOnce(made)
  const before = await use(page)
  expect(before).toMatchObject({ stored: TEXTS.length, documents: TEXTS.length, ids: [1] })
  for (let round = 1; round <= 2; round++) {
    await clearSiteData(page)
    const after = await use(page)
    // Lost records are misses: the texts are encoded and kept again, the index is empty.
    expect(after).toEqual({ ...before, documents: 0, ids: [] })
    const changed = page.evaluate(async (text) => {
      await (globalThis as unknown as StorageWindow).index.update([{ id: 1, text }])
    }, TEXTS[1])
    await atOnce(changed)
    expect(await use(page)).toMatchObject({ documents: 1, ids: [1] })
  }
  const reopened = page.evaluate(async (url) => {
    const { nestling, createIndex, embedder, index } = globalThis as unknown as StorageWindow
    await Promise.all([embedder.dispose(), index.dispose()])
    const later = await createIndex({ store: 'notes' })
    const { documents } = await later.stats()
    await later.dispose()
    const again = await nestling.load(`${url}/model`, { device: 'wasm' })
    const { weights } = again.report.cache
    await again.dispose()
    return { documents, weights, models: (await nestling.modelCache.list()).length }
  }, server.url)
  expect(await atOnce(reopened)).toEqual({ documents: 1, weights: 'downloaded', models: 1 })
})
