import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { digestOfStored, loadAndEncode, openPage, verifyInPage, type NestlingWindow } from './model-cache-page.ts'
import { startModelServer, type ModelServer, type Served } from './model-server.ts'

const MODEL = '/models/minilm/'
const WEIGHTS = `${MODEL}model.safetensors`
const TINY = '/models/tiny/'
const MODEL_FOLDER = join(import.meta.dirname, '../packages/minilm-l6/model')

let server: ModelServer

test.beforeEach(async () => {
  server = await startModelServer()
})
test.afterEach(() => server.close())

const weightsServed = (): readonly Served[] => server.log.filter(({ path }) => path === WEIGHTS)
const keyOf = (path: string): string => `url:${server.url}${path}`

async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await openPage(page, server.url)
  return page
}

test('the first visit downloads every file once, and the second none', async ({ context }) => {
  const page = await newPage(context)
  const first = await loadAndEncode(page, MODEL)
  expect(first).toMatchObject({ failure: undefined, storage: 'indexeddb', weights: 'downloaded', warnings: [] })
  const ofModel = server.log.filter(({ path }) => path.startsWith(MODEL)).map(({ path }) => path)
  expect(ofModel.length).toBeGreaterThan(5)
  expect(new Set(ofModel).size).toBe(ofModel.length)
  const before = server.log.length
  const second = await loadAndEncode(page, MODEL, { weights: 'only' })
  expect(second).toMatchObject({ failure: undefined, weights: 'stored' })
  expect(second.vector).toEqual(first.vector)
  expect(server.log.slice(before).filter(({ path }) => path.startsWith(MODEL))).toEqual([])
  expect(await verifyInPage(page)).toMatchObject({ isOk: true, whole: [keyOf(MODEL)] })
})

test('two tabs that open together make one download, and both show how far it is', async ({ context }) => {
  const pages = [await newPage(context), await newPage(context)] as const
  server.bytesPerSecond = 15e6
  const [one, other] = await Promise.all([loadAndEncode(pages[0], MODEL), loadAndEncode(pages[1], MODEL)])
  expect([one.failure, other.failure]).toEqual([undefined, undefined])
  expect([one.weights, other.weights].sort()).toEqual(['downloaded', 'stored'])
  expect(weightsServed()).toMatchObject([{ start: undefined, status: 200 }])
  for (const { loadedBytes } of [one, other]) {
    // In both, and in the tab that only waits too, more than the ends of the way.
    const midway = loadedBytes.filter((bytes) => bytes > 2e6 && bytes < 22e6)
    expect(midway.length).toBeGreaterThan(2)
  }
  console.log(`two tabs: ${one.loadedBytes.length} and ${other.loadedBytes.length} steps of progress, one download`)
  expect(one.vector).toEqual(other.vector)
})

test('a tab that is closed at half of a download goes on by Range, to the right bytes', async ({ context }) => {
  const page = await newPage(context)
  server.bytesPerSecond = 12e6
  const lost = loadAndEncode(page, MODEL).catch(() => undefined)
  await expect
    .poll(() => weightsServed()[0]?.sentBytes ?? 0, { intervals: [20], timeout: 30_000 })
    .toBeGreaterThan(11.7e6)
  await page.close({ runBeforeUnload: false })
  await lost
  server.bytesPerSecond = Infinity
  const next = await newPage(context)
  const before = await verifyInPage(next)
  expect(before).toMatchObject({ isOk: true, whole: [] })
  expect(await loadAndEncode(next, MODEL)).toMatchObject({ failure: undefined, weights: 'downloaded' })
  const [first, rest] = weightsServed()
  expect(first?.start).toBeUndefined()
  expect(rest).toMatchObject({ status: 206 })
  expect(rest?.start).toBeGreaterThan(4e6)
  expect(weightsServed()).toHaveLength(2)
  console.log(`tab closed after ${first?.sentBytes ?? 0} bytes; the next one asked for bytes ${rest?.start ?? 0}-`)
  const digest = createHash('sha256')
    .update(readFileSync(join(MODEL_FOLDER, 'model.safetensors')))
    .digest('hex')
  expect(await digestOfStored(next, keyOf(MODEL), 'model.safetensors')).toBe(digest)
})

test('a full disk is a typed error or, if asked for, no matter; what was there stays', async ({ context }) => {
  const page = await newPage(context)
  const session = await context.newCDPSession(page)
  // Before anything is written: Chromium remembers for seconds how much room there is.
  await session.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 12e6 })
  expect(await loadAndEncode(page, TINY)).toMatchObject({ failure: undefined, weights: 'downloaded' })
  expect(await loadAndEncode(page, MODEL)).toMatchObject({ failure: 'quota-exceeded' })
  const onMemory = await loadAndEncode(page, MODEL, { onQuota: 'memory' })
  expect(onMemory).toMatchObject({ failure: undefined, weights: 'not-stored', warnings: ['cache-unavailable'] })
  expect(onMemory.reason).toMatch(/room/)
  expect(await loadAndEncode(page, TINY, { weights: 'only' })).toMatchObject({ failure: undefined, weights: 'stored' })
  expect(await verifyInPage(page)).toMatchObject({ isOk: true, whole: [keyOf(TINY)] })
})

test('a model goes to a machine without network as one file', async ({ browser, context }) => {
  const page = await newPage(context)
  const { vector } = await loadAndEncode(page, TINY)
  const key = keyOf(TINY)
  const bytes = await page.evaluate(async (model) => {
    const { modelCache } = (globalThis as unknown as NestlingWindow).nestling
    return [...new Uint8Array(await (await modelCache.export(model)).arrayBuffer())]
  }, key)
  const other = await browser.newContext()
  try {
    const offline = await newPage(other)
    const imported = await offline.evaluate(async (file) => {
      const { modelCache } = (globalThis as unknown as NestlingWindow).nestling
      return (await modelCache.import(new Blob([Uint8Array.from(file)]))).key
    }, bytes)
    expect(imported).toBe(key)
    const before = server.log.length
    const loaded = await loadAndEncode(offline, TINY, { weights: 'only' })
    expect(loaded).toMatchObject({ failure: undefined, weights: 'stored', vector })
    expect(server.log.slice(before).filter(({ path }) => path.startsWith('/models/'))).toEqual([])
  } finally {
    await other.close()
  }
})
