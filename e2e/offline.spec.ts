import type { Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { startModelServer } from './model-server.ts'
import { waitUntilReady } from './wait-until-ready.ts'

const QUERY = 'dough will not rise'
const ANSWER = 'bread-03'

/** Opens the page and searches; gives the best paragraph. */
async function search(page: Page, url: string): Promise<string | null> {
  await page.goto(`${url}/in-page-search/?device=wasm`)
  await waitUntilReady(page, 90_000)
  await page.getByRole('combobox').fill(QUERY)
  await expect(page.getByRole('status')).toHaveText(`8 results for “${QUERY}”`, { timeout: 90_000 })
  return page.getByRole('option').first().getAttribute('data-passage-id')
}

test('after one visit the in-page search works with its server gone', async ({ context }) => {
  test.setTimeout(240_000)
  const server = await startModelServer()
  const first = await context.newPage()
  expect(await search(first, server.url)).toBe(ANSWER)
  const large = server.log.filter(({ path }) => /\.(?:safetensors|wasm)$/.test(path)).map(({ path }) => path)
  expect(large.length).toBeGreaterThanOrEqual(3)
  // The worker's requests are kept on their way: nothing large comes twice.
  expect(new Set(large).size).toBe(large.length)
  const kept = await first.evaluate(async () => {
    const names = await caches.keys()
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
    return requests.flat().map(({ url }) => new URL(url).pathname)
  })
  expect(kept.filter((path) => path.endsWith('.wasm'))).toHaveLength(1)
  // The model is in IndexedDB already.
  expect(kept.filter((path) => /safetensors|tokenizer|golden/.test(path))).toEqual([])
  await first.close()
  await server.close()

  const second = await context.newPage()
  const started = Date.now()
  expect(await search(second, server.url)).toBe(ANSWER)
  expect(await second.evaluate(() => crossOriginIsolated)).toBe(true)
  console.log(`second visit without a server: ready and searched in ${((Date.now() - started) / 1000).toFixed(1)} s`)
})
