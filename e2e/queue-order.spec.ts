import { expect, test } from 'playwright/test'
import { loadInPage, type EmbedderWindow } from './embedder-page.ts'
import { serveExamples, type TestServer } from './example-server.ts'

const TIMEOUT_MS = 240_000

let server: TestServer

test.beforeAll(async () => {
  server = await serveExamples(false)
})
test.afterAll(() => server.close())

test('a query runs after the slices in flight, and an abort ends the rest, while texts run on webgpu', async ({
  page,
}) => {
  test.setTimeout(TIMEOUT_MS)
  await loadInPage(page, server.url, { device: 'webgpu' })
  const { slices, outcome } = await page.evaluate(async () => {
    const { embedder } = globalThis as unknown as EmbedderWindow
    const texts = Array.from({ length: 200 }, (_, index) => `text ${index}`)
    const ender = new AbortController()
    let slicesDone = 0
    const onProgress = (): void => {
      slicesDone++
    }
    const bulk = embedder.encode(texts, { signal: ender.signal, onProgress }).then(
      () => 'done',
      () => 'aborted',
    )
    while (slicesDone < 2) await new Promise((resolve) => setTimeout(resolve, 10))
    const found: number[] = []
    for (let trial = 0; trial < 3; trial++) {
      const before = slicesDone
      await embedder.encode(`query ${trial}`)
      found.push(slicesDone - before)
      const seen = slicesDone
      while (slicesDone === seen) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    ender.abort()
    return { slices: found, outcome: await bulk }
  })
  console.log(`webgpu: slices of the bulk job before each query: ${slices.join(', ')}`)
  // Two are in flight on WebGPU, each half as long.
  expect(Math.max(...slices)).toBeLessThanOrEqual(2)
  expect(outcome).toBe('aborted')
})
