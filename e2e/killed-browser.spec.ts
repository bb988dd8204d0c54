import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { KillableBrowser } from '../tools/killable-browser.ts'
import { loadAndEncode, openPage, verifyInPage, type NestlingWindow } from './model-cache-page.ts'
import { startModelServer, type ModelServer } from './model-server.ts'

/** The slow lanes kill it 20 times in all. */
const ROUNDS = process.env['NESTLING_TEST_ALL'] === '1' ? 10 : 4
const MODEL = '/models/minilm/'
const TINY = '/models/tiny/'

let server: ModelServer
let profile: string

test.beforeEach(async () => {
  server = await startModelServer()
  profile = mkdtempSync(join(tmpdir(), 'nestling-profile-'))
})
test.afterEach(async () => {
  await server.close()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
})

/** Moments of a run, which its seed names: NESTLING_SEED repeats one. */
function momentsOf(from: number, to: number): { readonly seed: number; readonly moments: readonly number[] } {
  const seed = Number(process.env['NESTLING_SEED'] ?? 1 + Math.floor(Math.random() * 2_147_483_645))
  let state = seed
  const moments = Array.from({ length: ROUNDS }, () => {
    state = (state * 48_271) % 2_147_483_647
    return Math.round(from + (state / 2_147_483_647) * (to - from))
  })
  return { seed, moments }
}

/** Opens the profile after a kill, hands its page over, and kills it again. */
async function inBrowser<T>(work: (page: Page) => Promise<T>): Promise<T> {
  const browser = await KillableBrowser.start(profile)
  try {
    const page = await browser.newPage()
    await openPage(page, server.url)
    return await work(page)
  } finally {
    await browser.kill()
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test(`a browser that is killed at ${ROUNDS} moments of a download leaves no wrong byte`, async () => {
  const { seed, moments } = momentsOf(100, 1500)
  const found: string[] = []
  for (const moment of moments) {
    await inBrowser(async (page) => {
      const { isOk, whole, storedBytes, report } = await verifyInPage(page)
      expect(isOk, `seed ${seed}: ${report}`).toBe(true)
      found.push(whole.length > 0 ? 'whole' : `${(storedBytes / 2 ** 20).toFixed(0)} MiB`)
      // A model that is whole would leave nothing to kill.
      if (whole.length > 0)
        await page.evaluate(() => (globalThis as unknown as NestlingWindow).nestling.modelCache.clear())
      server.bytesPerSecond = 25e6
      void loadAndEncode(page, MODEL).catch(() => undefined)
      await sleep(moment)
    })
  }
  server.bytesPerSecond = Infinity
  await inBrowser(async (page) => {
    expect(await verifyInPage(page)).toMatchObject({ isOk: true })
    const loaded = await loadAndEncode(page, MODEL)
    expect(loaded.failure).toBeUndefined()
    expect(await loadAndEncode(page, MODEL, { weights: 'only' })).toMatchObject({
      weights: 'stored',
      vector: loaded.vector,
    })
  })
  console.log(`download killed ${ROUNDS} times (seed ${seed}); found stored each time: ${found.join(', ')}`)
})

/** Encodes new texts until the end of the page, with the vectors stored. */
async function encodeForEver(page: Page, round: number): Promise<void> {
  await page.evaluate(
    async ([model, first]) => {
      const { nestling } = globalThis as unknown as NestlingWindow
      const embedder = await nestling.load(model, { device: 'wasm', cache: { embeddings: true } })
      Object.assign(globalThis, { isLoaded: true })
      for (let call = 0; ; call++) {
        const texts = Array.from({ length: 64 }, (_, index) => `text ${first} ${call} ${index}`)
        await embedder.encode(texts)
      }
    },
    [TINY, round] as const,
  )
}

test(`a browser that is killed at ${ROUNDS} moments of embedding writes leaves no wrong vector`, async () => {
  const { seed, moments } = momentsOf(50, 800)
  const found: number[] = []
  for (const [round, moment] of moments.entries()) {
    await inBrowser(async (page) => {
      const vectors = await page.evaluate(() =>
        (globalThis as unknown as NestlingWindow).nestling.embeddingCache.verify(),
      )
      expect(vectors.deletedVectors, `seed ${seed}`).toBe(0)
      expect((await verifyInPage(page)).isOk, `seed ${seed}`).toBe(true)
      found.push(vectors.wholeVectors)
      void encodeForEver(page, round).catch(() => undefined)
      await page.waitForFunction(() => 'isLoaded' in globalThis)
      await sleep(moment)
    })
  }
  expect(found.at(-1)).toBeGreaterThan(0)
  console.log(`embedding writes killed ${ROUNDS} times (seed ${seed}); vectors found each time: ${found.join(', ')}`)
})
