import { expect, test } from 'playwright/test'
import { serveExamples, type TestServer } from './example-server.ts'

interface Result {
  readonly device: string
  readonly shape: readonly number[]
  readonly similarity: readonly (readonly number[])[]
}

let server: TestServer

test.afterEach(() => server.close())

for (const isolated of [true, false]) {
  test(`first-embeddings shows Python's matrix, ${isolated ? 'isolated' : 'without isolation'}`, async ({ page }) => {
    server = await serveExamples(isolated)
    await page.goto(`${server.url}/first-embeddings/`)
    await expect(page.locator('html')).toHaveAttribute('data-state', 'done', { timeout: 60_000 })
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(isolated)
    const result = JSON.parse((await page.locator('#result').textContent()) ?? '') as Result
    // A software adapter never counts as a GPU for `auto`.
    expect(result.device).toBe('wasm')
    expect(result.shape).toEqual([3, 384])
    const [[, ab = NaN, ac = NaN] = [], [, , bc = NaN] = []] = result.similarity
    expect(Math.abs(ab - 0.2682)).toBeLessThan(0.01)
    expect(Math.abs(ac - 0.1576)).toBeLessThan(0.01)
    expect(Math.abs(bc - 0.1582)).toBeLessThan(0.01)
  })
}
