import { expect, test } from 'playwright/test'
import type { Page } from 'playwright'
import { join } from 'node:path'
import { collectGarbage } from '../tools/browser-memory.ts'
import { serve } from '../tools/serve.mjs'

const PACKAGES = join(import.meta.dirname, '../packages')
const WEIGHTS = '/packages/minilm-l6/model.safetensors'
const TOKENIZER = '/packages/minilm-l6/tokenizer.json'

/** The default model in float32: six layers of 7.1 MB, 0.8 MB of positions, and its table of 30,522 words, which stays int8. */
const FLOAT32_BYTES = 55_000_000

const KILLS = 6

/** Enough for several workers to be started, and for all of them to have a part. */
const TEXTS = 100

type Server = Awaited<ReturnType<typeof serve>>

/** Serves the packages; tells of each file that is fetched. */
async function start(isolated: boolean): Promise<{ readonly server: Server; readonly files: string[] }> {
  const files: string[] = []
  const server = await serve({
    roots: {
      '/packages/nestling': join(PACKAGES, 'nestling/dist'),
      '/packages/minilm-l6': join(PACKAGES, 'minilm-l6/dist'),
      '/blank': join(import.meta.dirname, 'pages'),
    },
    isolated,
    // A browser's cache would hide who asks.
    cacheControl: 'no-store',
    port: 0,
    onFile: (path) => files.push(path),
  })
  return { server, files }
}

const isolated = { server: undefined as unknown as Server, files: [] as string[] }
const plain = { server: undefined as unknown as Server, files: [] as string[] }

test.beforeAll(async () => {
  Object.assign(isolated, await start(true))
  Object.assign(plain, await start(false))
})
test.afterAll(async () => {
  await isolated.server.close()
  await plain.server.close()
})

/** What these pages see of an embedder; types of the package end at the page's border. */
interface PoolEmbedder {
  readonly report: {
    readonly workers: { readonly running: number }
    readonly sharesWeights: boolean
    readonly restarts: number
    readonly verified: boolean
  }
  encode(texts: readonly string[]): Promise<{ readonly data: Float32Array }>
  dispose(): Promise<void>
}

/** What a page keeps between calls. */
interface PoolWindow {
  embedder: PoolEmbedder
  /** Those that were started and not ended by the test. */
  workers: Worker[]
  /** Of the weights that the page handed on last. */
  memory: WebAssembly.Memory | undefined
  /** Vectors of the list that workers are ended at. */
  expected?: Float32Array
  texts(count: number): string[]
}

/** Loads the default model with some workers, which the page can end. */
async function open(page: Page, { url }: Server, options: object): Promise<void> {
  await page.goto(`${url}/blank/`)
  await page.evaluate(async (loadOptions) => {
    const from = (path: string): Promise<never> => import(path) as Promise<never>
    const { load } = await from('/packages/nestling/index.js')
    const { minilmL6 } = await from('/packages/minilm-l6/index.js')
    const state = globalThis as unknown as PoolWindow
    state.workers = []
    const spawn = (): Worker => {
      const worker = new Worker('/packages/nestling/worker.js', { type: 'module' })
      const post = worker.postMessage.bind(worker) as (message: unknown, transfer?: Transferable[]) => void
      worker.postMessage = (message: unknown, more?: unknown) => {
        // Comlink's form of a call.
        const [call] = (message as { argumentList?: { value: unknown }[] }).argumentList ?? []
        const request = call?.value as
          { shared?: { contents: { weights: { memory: WebAssembly.Memory } } } } | undefined
        state.memory = request?.shared?.contents.weights.memory ?? state.memory
        post(message, more as Transferable[])
      }
      state.workers.push(worker)
      return worker
    }
    state.texts = (count) =>
      Array.from(
        { length: count },
        (_, index) => `Of ${index} rivers ${'the widest one rises early '.repeat(1 + (index % 11))}`,
      )
    const open = load as (...args: unknown[]) => Promise<PoolEmbedder>
    state.embedder = await open(minilmL6, { device: 'wasm', worker: spawn, cache: { weights: 'off' }, ...loadOptions })
  }, options)
}

/** Has all workers started, and digests vectors that they compute together. */
function encodeAll(page: Page, workers: number): Promise<string> {
  return page.evaluate(
    async ([count, textCount]) => {
      const { embedder, texts } = globalThis as unknown as PoolWindow
      await embedder.encode(texts(textCount))
      while (embedder.report.workers.running < count) await new Promise((resolve) => setTimeout(resolve, 20))
      const { data } = await embedder.encode(texts(textCount))
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Float32Array(data)))
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
    },
    [workers, TEXTS] as const,
  )
}

for (const dtype of ['q8', 'fp32']) {
  test(`one, two and three workers give the same numbers in ${dtype}, isolated or not`, async ({ page }) => {
    const digests: string[] = []
    for (const [{ server }, workers] of [
      [plain, 1],
      [isolated, 1],
      [isolated, 2],
      [isolated, 3],
    ] as const) {
      await open(page, server, { dtype, workers })
      digests.push(await encodeAll(page, workers))
      const report = await page.evaluate(() => (globalThis as unknown as PoolWindow).embedder.report)
      expect(report.sharesWeights).toBe(workers > 1)
      expect(report.restarts).toBe(0)
    }
    expect(new Set(digests).size).toBe(1)
  })
}

test('on an isolated page a second worker reads no file of the model, elsewhere it does', async ({ page }) => {
  for (const [{ server, files }, reads] of [
    [isolated, 1],
    [plain, 2],
  ] as const) {
    files.length = 0
    await open(page, server, { workers: 2 })
    await encodeAll(page, 2)
    expect(files.filter((path) => path === WEIGHTS)).toHaveLength(reads)
    expect(files.filter((path) => path === TOKENIZER)).toHaveLength(reads)
    expect(files.filter((path) => path.endsWith('simd.wasm'))).toHaveLength(server === isolated.server ? 0 : 2)
  }
})

test('on an isolated page the weights are in memory once, with room for two workers to compute in', async ({
  page,
}) => {
  await open(page, isolated.server, { dtype: 'fp32', workers: 2 })
  await encodeAll(page, 2)
  // The one memory of both: the second worker has read no file, as the test above shows, so its weights are nowhere else.
  const sizeBytes = await page.evaluate(() => (globalThis as unknown as PoolWindow).memory?.buffer.byteLength ?? 0)
  console.log(`Weights and rooms: ${(sizeBytes / 2 ** 20).toFixed(0)} MiB`)
  expect(sizeBytes).toBeGreaterThan(FLOAT32_BYTES)
  expect(sizeBytes).toBeLessThan(1.5 * FLOAT32_BYTES)
})

/** Ends workers in the middle of a list, and tells the page at once: the thread may run on for a moment. */
async function killMidRun(page: Page, which: 'first' | 'other' | 'all'): Promise<boolean> {
  return page.evaluate(async (victims) => {
    const state = globalThis as unknown as PoolWindow
    const { embedder, workers } = state
    const texts = state.texts(200)
    state.expected ??= (await embedder.encode(texts)).data
    const before = state.expected
    while (embedder.report.workers.running < 2) await embedder.encode(texts)
    const shared = embedder.encode(texts)
    await new Promise((resolve) => setTimeout(resolve, 150))
    const ended = victims === 'all' ? workers.splice(0) : workers.splice(victims === 'first' ? 0 : 1, 1)
    for (const worker of ended) {
      worker.terminate()
      worker.dispatchEvent(new ErrorEvent('error', { message: 'ended by a test' }))
    }
    const { data } = await shared
    return data.every((value, index) => value === before[index])
  }, which)
}

test('a worker that is ended mid-run loses nothing, and its like take no more memory', async ({ page }) => {
  test.setTimeout(240_000)
  isolated.files.length = 0
  await open(page, isolated.server, { workers: 2 })
  await encodeAll(page, 2)
  const sizes: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    expect(await killMidRun(page, (['other', 'first', 'all'] as const)[kill % 3] ?? 'all')).toBe(true)
    sizes.push(await page.evaluate(() => (globalThis as unknown as PoolWindow).memory?.buffer.byteLength ?? 0))
  }
  const { restarts, sharesWeights } = await page.evaluate(() => (globalThis as unknown as PoolWindow).embedder.report)
  expect(restarts).toBeGreaterThanOrEqual(KILLS)
  expect(sharesWeights).toBe(true)
  // Those that took over read nothing either, the first one's successors among them.
  expect(isolated.files.filter((path) => path === WEIGHTS)).toHaveLength(1)
  console.log(`Memory by kills: ${sizes.map((size) => (size / 2 ** 20).toFixed(0)).join(', ')} MiB`)
  expect(sizes[0]).toBeGreaterThan(2 ** 24)
  // Two that were ended may run on for a moment while two others take over: four rooms. A room lost with each would be ten.
  expect(sizes.at(-1)).toBeLessThanOrEqual((sizes[0] ?? 0) * 1.5)
})

test('weights that were damaged are noticed by the next worker, which loads its own', async ({ page }) => {
  await open(page, isolated.server, { workers: 2 })
  const expected = await encodeAll(page, 2)
  await page.evaluate(() => {
    const { memory, workers } = globalThis as unknown as PoolWindow
    if (memory === undefined) throw new Error('Nothing is shared')
    for (const worker of workers.splice(0)) {
      worker.terminate()
      worker.dispatchEvent(new ErrorEvent('error', { message: 'ended by a test' }))
    }
    new Uint8Array(memory.buffer).fill(1, 2 ** 20, 2 ** 24)
  })
  isolated.files.length = 0
  expect(await encodeAll(page, 2)).toBe(expected)
  expect(isolated.files.filter((path) => path === WEIGHTS).length).toBeGreaterThanOrEqual(1)
})

test('dispose() lets the memory go', async ({ page }) => {
  await open(page, isolated.server, { workers: 2 })
  await encodeAll(page, 2)
  await page.evaluate(async () => {
    const state = globalThis as unknown as PoolWindow & { held: WeakRef<WebAssembly.Memory> }
    if (state.memory === undefined) throw new Error('Nothing is shared')
    state.held = new WeakRef(state.memory)
    state.memory = undefined
    await state.embedder.dispose()
  })
  // Ports to a worker hold what they were made with until the browser has noticed that it ended.
  const isGone = async (): Promise<boolean> => {
    await collectGarbage(page)
    return page.evaluate(() => {
      const { held } = globalThis as unknown as { held: WeakRef<WebAssembly.Memory> }
      return held.deref() === undefined
    })
  }
  await expect.poll(isGone).toBe(true)
})
