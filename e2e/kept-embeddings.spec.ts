import { expect, test } from 'playwright/test'
import type { TestServer } from './example-server.ts'
import { KEPT_COUNT, keepVectors, serveKeeping } from './keep-vectors.ts'

const MAX_SIZE_RATIO = 0.2
const MAX_USAGE_RATIO = 0.25

let server: TestServer

test.beforeAll(async () => {
  server = await serveKeeping()
})
test.afterAll(() => server.close())

test(`${KEPT_COUNT} vectors of 64 components take a sixth of those of 384`, async () => {
  const [small, large] = [await keepVectors(server.url, 64, 0), await keepVectors(server.url, 384, 0)]
  const sizeRatio = small.sizeBytes / large.sizeBytes
  const usageRatio = small.usageBytes / large.usageBytes
  const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(2)
  console.log(
    `${KEPT_COUNT} vectors of 64 and 384: ${megabytes(small.sizeBytes)} and ${megabytes(large.sizeBytes)} MiB by the store (${sizeRatio.toFixed(3)}), ${megabytes(small.usageBytes)} and ${megabytes(large.usageBytes)} MiB by the browser (${usageRatio.toFixed(3)})`,
  )
  expect(sizeRatio).toBeLessThanOrEqual(MAX_SIZE_RATIO)
  expect(usageRatio).toBeLessThanOrEqual(MAX_USAGE_RATIO)
})
