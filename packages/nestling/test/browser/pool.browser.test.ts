import { minilmL6 } from '@nestling/minilm-l6'
import { embeddingCache, load, type Embedder, type LoadOptions } from 'nestling/onnx'
import { afterAll, afterEach, describe, expect, it } from 'vitest'

const MODEL = '/fixtures/bert-mean-normalize'
const WASM: LoadOptions = { device: 'wasm', workers: 2 }

const embedders: Embedder[] = []

async function open(model: Parameters<typeof load>[0], options: LoadOptions): Promise<Embedder> {
  const embedder = await load(model, options)
  embedders.push(embedder)
  return embedder
}

/** Texts of many lengths, every fifth one equal to another. */
function mixed(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const place = index % 5 === 4 ? index - 4 : index
    return `Of ${place} rivers ${'the widest one rises early '.repeat(1 + (place % 11))}`
  })
}

afterAll(() => embeddingCache.clear())
afterEach(() => Promise.all(embedders.splice(0).map((embedder) => embedder.dispose())))

describe('two workers', () => {
  it.each([
    ['a network in fp32', MODEL],
    ['the default model in q8', minilmL6],
  ] as const)('give the very numbers of one, in the order of the texts: %s', async (_, model) => {
    const texts = mixed(300)
    const one = await open(model, { ...WASM, workers: 1 })
    const alone = await one.encode(texts)
    expect(one.report.workers).toEqual({ running: 1, most: 1 })
    const two = await open(model, WASM)
    expect(two.report).toMatchObject({ engine: 'kernels', workers: { running: 1, most: 2 } })
    // The second worker may come too late for the first list.
    for (let call = 0; call < 2; call++) {
      const shared = await two.encode(texts)
      expect(shared.data).toEqual(alone.data)
      expect(shared.tokens).toEqual(alone.tokens)
    }
    await expect.poll(() => two.report.workers).toEqual({ running: 2, most: 2 })
    const long = await Promise.all([two.encode(texts), two.encode(texts[7] ?? '')])
    expect(long[0].data).toEqual(alone.data)
    expect(long[1].data).toEqual(alone.row(7))
    expect(two.report.restarts).toBe(0)
  })

  it('keep embeddings as one does', async () => {
    const texts = mixed(300)
    const distinct = new Set(texts).size
    const embedder = await open(MODEL, { ...WASM, cache: { weights: 'off', embeddings: true } })
    const fresh = await embedder.encode(texts)
    // Waits until all is written: a worker knows what waits to be written of its own alone.
    await embedder.stats()
    await embedder.encode(mixed(400))
    const { embeddings } = await embedder.stats()
    expect(embeddings.storedVectors).toBe(new Set(mixed(400)).size)
    expect(embeddings.misses).toBe(new Set(mixed(400)).size)
    expect(embeddings.hits).toBe(distinct)
    expect((await embedder.encode(texts)).data).toEqual(fresh.data)
  })

  it('start with the first long list, and end after an idle time', async () => {
    const embedder = await open(MODEL, { ...WASM, idleTimeoutMs: 200 })
    await embedder.encode(mixed(10))
    expect(embedder.report.workers.running).toBe(1)
    // On a busy machine the list may be done before the second worker is there.
    await embedder.encode(mixed(2000))
    await expect.poll(() => embedder.report.workers.running, { timeout: 10_000, interval: 5 }).toBe(2)
    await expect.poll(() => embedder.report.workers.running).toBe(0)
    expect((await embedder.encode(mixed(2000))).shape).toEqual([2000, 32])
  })

  it('are one with a single worker, and on another engine', async () => {
    const worker = new Worker('/nestling-dist/worker.js', { type: 'module' })
    const single = await open(MODEL, { ...WASM, worker })
    const onnx = await open(MODEL, { ...WASM, engine: 'onnx' })
    for (const embedder of [single, onnx]) {
      await embedder.encode(mixed(500))
      expect(embedder.report.workers).toEqual({ running: 1, most: 1 })
    }
  })
})
