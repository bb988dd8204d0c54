import { expect, test } from 'playwright/test'
import type { Browser, Page } from 'playwright'
import { browserBytes, collectGarbage } from '../tools/browser-memory.ts'
import { loadInPage, type EmbedderWindow } from './embedder-page.ts'
import { serveExamples, type TestServer } from './example-server.ts'

const ROUNDS = 200
const SETTLED_ROUND = 10
const MAX_GROWTH = 1.2
const TIMEOUT_MS = 1_200_000

const skipReason =
  process.env['NESTLING_TEST_ALL'] !== '1'
    ? 'takes many minutes; npm run test:all runs it'
    : process.platform !== 'linux'
      ? 'reads the memory of processes from /proc, which only Linux has'
      : undefined

let server: TestServer

test.beforeAll(async () => {
  server = await serveExamples(false)
})
test.afterAll(() => server.close())

/** Bytes of the browser without the page's garbage. */
async function settledBytes(browser: Browser, page: Page): Promise<number> {
  await collectGarbage(page)
  return browserBytes(browser)
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`

test(`memory after ${ROUNDS} loads is at most ${MAX_GROWTH} times that after ${SETTLED_ROUND}`, async ({
  page,
  browser,
}) => {
  test.skip(skipReason !== undefined, skipReason)
  test.setTimeout(TIMEOUT_MS)
  let settled = 0
  await page.goto(`${server.url}/blank/`)
  for (let round = 1; round <= ROUNDS; round++) {
    await loadInPageAgain(page)
    if (round === SETTLED_ROUND) settled = await settledBytes(browser, page)
  }
  const end = await settledBytes(browser, page)
  console.log(
    `Loads: ${megabytes(settled)} after ${SETTLED_ROUND}, ${megabytes(end)} after ${ROUNDS} (${(end / settled).toFixed(2)} times)`,
  )
  expect(end / settled).toBeLessThanOrEqual(MAX_GROWTH)
})

/** Loads, encodes and disposes without leaving the page, which would free everything by itself. */
async function loadInPageAgain(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const from = (path: string): Promise<never> => import(path) as Promise<never>
    const { load } = await from('/packages/nestling/index.js')
    const { minilmL6 } = await from('/packages/minilm-l6/index.js')
    const embedder = await (load as (...args: unknown[]) => Promise<EmbedderWindow['embedder']>)(minilmL6, {
      device: 'wasm',
    })
    await embedder.encode('a text')
    await embedder.dispose()
  })
}

test(`memory after 10,000 texts in a row is at most ${MAX_GROWTH} times that after the first 500`, async ({
  page,
  browser,
}) => {
  test.skip(skipReason !== undefined, skipReason)
  test.setTimeout(TIMEOUT_MS)
  await loadInPage(page, server.url, { device: 'wasm' })
  const encodeSome = (start: number): Promise<void> =>
    page.evaluate(async (from) => {
      const { embedder } = globalThis as unknown as EmbedderWindow
      const texts = Array.from(
        { length: 500 },
        (_, index) => `Text ${from + index} of a long row of ${index % 40} texts`,
      )
      await embedder.encode(texts)
    }, start)
  await encodeSome(0)
  const settled = await settledBytes(browser, page)
  for (let start = 500; start < 10_000; start += 500) await encodeSome(start)
  const end = await settledBytes(browser, page)
  console.log(
    `Texts: ${megabytes(settled)} after 500, ${megabytes(end)} after 10,000 (${(end / settled).toFixed(2)} times)`,
  )
  expect(end / settled).toBeLessThanOrEqual(MAX_GROWTH)
})
