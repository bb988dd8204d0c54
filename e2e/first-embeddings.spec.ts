import { expect, test, type Page } from 'playwright/test'
import { serveExamples, type TestServer } from './example-server.ts'

interface Result {
  readonly device: string
  readonly engine: string
  readonly runtime: string
  readonly shape: readonly number[]
  readonly similarity: readonly (readonly number[])[]
}

let server: TestServer

test.afterEach(() => server.close())

/** Opens the page and gives what it shows once it is done. */
async function resultOf(page: Page, query: string): Promise<Result> {
  await page.goto(`${server.url}/first-embeddings/${query}`)
  await expect(page.locator('html')).toHaveAttribute('data-state', 'done', { timeout: 100_000 })
  const result = JSON.parse((await page.locator('#result').textContent()) ?? '') as Result
  expect(result.shape).toEqual([3, 384])
  const [[, ab = NaN, ac = NaN] = [], [, , bc = NaN] = []] = result.similarity
  expect(Math.abs(ab - 0.2682)).toBeLessThan(0.01)
  expect(Math.abs(ac - 0.1576)).toBeLessThan(0.01)
  expect(Math.abs(bc - 0.1582)).toBeLessThan(0.01)
  return result
}

for (const isolated of [true, false]) {
  test(`first-embeddings shows Python's matrix, ${isolated ? 'isolated' : 'without isolation'}`, async ({ page }) => {
    server = await serveExamples(isolated)
    const { device } = await resultOf(page, '')
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(isolated)
    // A software adapter never counts as a GPU for `auto`.
    expect(device).toBe('wasm')
  })
}

test("first-embeddings shows Python's matrix on WebGPU, and loads no WebAssembly for it", async ({ page }) => {
  server = await serveExamples(false)
  const files: string[] = []
  page.on('request', (request) => files.push(new URL(request.url()).pathname))
  const expected = { device: 'webgpu', engine: 'kernels', runtime: 'wgsl' }
  expect(await resultOf(page, '?device=webgpu')).toMatchObject(expected)
  expect(files.filter((file) => /\.(wasm|mjs)$|onnx/.test(file))).toEqual([])
})
