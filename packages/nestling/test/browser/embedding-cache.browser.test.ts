import { decodeFloats, worstError, type Golden } from '@nestling/testing'
import { embeddingCache, isEmbedderError, load, type Embedder, type LoadOptions } from 'nestling'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

const MODEL = '/fixtures/bert-mean-normalize'
const CACHED: LoadOptions = { device: 'wasm', cache: { weights: 'off', embeddings: true } }
const PLAIN: LoadOptions = { device: 'wasm', cache: false }
const TOLERANCE = 1e-5

let golden: Golden
const embedders: Embedder[] = []

async function open(model: string, options: LoadOptions): Promise<Embedder> {
  const embedder = await load(model, options)
  embedders.push(embedder)
  return embedder
}

beforeAll(async () => {
  golden = (await (await fetch(`${MODEL}/golden.json`)).json()) as Golden
  await embeddingCache.clear()
})
afterEach(async () => {
  await Promise.all(embedders.splice(0).map((embedder) => embedder.dispose()))
  await embeddingCache.clear()
})

describe('kept embeddings', () => {
  it('answer the next visit with the very same numbers, and Python’s', async () => {
    const first = await open(MODEL, CACHED)
    const fresh = await first.encode(golden.texts)
    const distinct = new Set(golden.texts).size
    // Disposed at once: what was encoded is written first.
    await first.dispose()
    const second = await open(MODEL, CACHED)
    const again = await second.encode(golden.texts)
    expect(again).toEqual(fresh)
    const { embeddings } = await second.stats()
    expect(embeddings).toEqual({
      hits: distinct,
      misses: 0,
      storedVectors: distinct,
      sizeBytes: distinct * (20 + 32 * 4),
    })
    expect(worstError(again.data, decodeFloats(golden.embeddings), 32)).toBeLessThan(TOLERANCE)
    expect(await embeddingCache.stats()).toEqual({
      storedVectors: distinct,
      sizeBytes: embeddings.sizeBytes,
      spaces: [
        { id: again.space.id, model: again.space.model, storedVectors: distinct, sizeBytes: embeddings.sizeBytes },
      ],
    })
    expect(await embeddingCache.verify()).toEqual({ wholeVectors: distinct, deletedVectors: 0 })
    expect(second.report.cache.storage).toBe('indexeddb')
  })

  it('are cut, scaled and quantised as fresh ones are, to the numbers of Python', async () => {
    const cached = await open(MODEL, CACHED)
    const plain = await open(MODEL, PLAIN)
    await cached.encode(golden.texts)
    const { misses } = (await cached.stats()).embeddings
    for (const truncateDim of [undefined, 32, 16, 8, 3]) {
      for (const normalize of [false, true]) {
        for (const precision of ['float32', 'int8', 'uint8', 'binary', 'ubinary'] as const) {
          if (precision.endsWith('binary') && truncateDim === 3) continue
          const options = { truncateDim, normalize, precision }
          const [kept, fresh] = await Promise.all([
            cached.encode(golden.texts, options),
            plain.encode(golden.texts, options),
          ])
          expect(kept.shape).toEqual(fresh.shape)
          if (precision === 'float32') {
            const dim = kept.shape[1]
            expect(worstError(kept.data as Float32Array, fresh.data as Float32Array, dim)).toBeLessThan(1e-6)
          } else {
            // A number that lies on the border of two levels may fall to either side with the last bit of a float.
            const different = Array.from(kept.data).filter((value, index) => value !== fresh.data[index]).length
            expect(different / kept.data.length).toBeLessThan(0.01)
          }
        }
      }
    }
    for (const [dim, expected] of Object.entries(golden.truncated)) {
      const { data } = await cached.encode(golden.texts, { truncateDim: Number(dim) })
      expect(worstError(data, decodeFloats(expected), Number(dim))).toBeLessThan(TOLERANCE)
      const scaled = await cached.encode(golden.texts, { truncateDim: Number(dim), normalize: true })
      const expectedScaled = decodeFloats(golden.truncatedNormalized[dim] ?? '')
      expect(worstError(scaled.data, expectedScaled, Number(dim))).toBeLessThan(TOLERANCE)
    }
    expect((await cached.stats()).embeddings.misses).toBe(misses)
  })

  it('are kept at the dim of load, or at a longer one that was asked for', async () => {
    const embedder = await open(MODEL, { ...CACHED, truncateDim: 8 })
    await embedder.encode(['one', 'two'])
    expect((await embedder.stats()).embeddings).toMatchObject({ misses: 2, sizeBytes: 2 * (20 + 8 * 4) })
    const long = await embedder.encode(['one'], { truncateDim: 16 })
    expect((await embedder.stats()).embeddings).toMatchObject({ hits: 0, misses: 3 })
    const short = await embedder.encode(['one'])
    expect(short.data).toEqual(long.data.slice(0, 8))
    expect((await embedder.stats()).embeddings).toMatchObject({ hits: 1, misses: 3 })
  })

  it('are of documents, of queries only where asked for', async () => {
    const embedder = await open(MODEL, CACHED)
    const counts = async (): Promise<readonly [hits: number, misses: number]> => {
      const { hits, misses } = (await embedder.stats()).embeddings
      return [hits, misses]
    }
    await embedder.encodeQuery('one')
    await embedder.encode('two', { cache: false })
    expect(await counts()).toEqual([0, 0])
    await embedder.encodeDocument(['one', 'two'])
    expect(await counts()).toEqual([0, 2])
    await embedder.encodeQuery('one', { cache: true })
    await embedder.encodeChunks('two')
    for await (const { embeddings } of embedder.encode(source(['two', 'three'])))
      expect(embeddings.shape).toEqual([2, 32])
    expect(await counts()).toEqual([3, 3])
    const plain = await open(MODEL, PLAIN)
    await expect(plain.encode('one', { cache: true })).rejects.toThrow(TypeError)
    expect((await plain.stats()).embeddings).toMatchObject({ hits: 0, misses: 0 })
  })

  it('know of texts that are too long', async () => {
    const embedder = await open(MODEL, CACHED)
    const long = 'river '.repeat(100)
    const [fresh, kept] = [await embedder.encode([long]), await embedder.encode([long])]
    expect(kept).toEqual(fresh)
    expect(kept.tokens).toEqual({ tokenCounts: Int32Array.of(102), truncated: Uint8Array.of(1) })
    const error: unknown = await embedder.encode([long], { onTruncate: 'error' }).catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'text-too-long') && error.details).toMatchObject({ index: 0, tokenCount: 102 })
    expect((await embedder.stats()).embeddings).toMatchObject({ hits: 2, misses: 1 })
  })

  it('are found after the model was unloaded', async () => {
    const embedder = await open(MODEL, { ...CACHED, idleTimeoutMs: 20 })
    const fresh = await embedder.encode(['one', 'two'])
    await expect.poll(() => embedder.report.isLoaded).toBe(false)
    await expect.poll(() => embeddingCache.size()).toBeGreaterThan(0)
    expect(await embedder.encode(['two', 'one'], {})).toMatchObject({ shape: [2, 32] })
    expect(Array.from((await embedder.encode(['one', 'two'])).data)).toEqual(Array.from(fresh.data))
  })

  it('are found after a worker crashed, and what was not kept is encoded by the next one', async () => {
    const before = await open(MODEL, CACHED)
    const fresh = await before.encode(golden.texts)
    // What waits to be written would come after the end of the others.
    await before.stats()
    await embeddingCache.clear()
    await before.encode(golden.texts.slice(0, 10))
    await before.dispose()
    let workers = 0
    const crashing = (): Worker => {
      const query = workers++ === 0 ? '?run=uncaught&count=1' : ''
      return new Worker(`/nestling-dist-test/faulty-worker.js${query}`, { type: 'module' })
    }
    const embedder = await open(MODEL, { ...CACHED, worker: crashing })
    const { data } = await embedder.encode(golden.texts)
    expect(worstError(data, fresh.data, 32)).toBeLessThan(1e-6)
    expect(embedder.report.restarts).toBe(1)
    expect((await embedder.stats()).embeddings.storedVectors).toBe(new Set(golden.texts).size)
  })

  it('that cannot be written are told of once, and encoding goes on', async () => {
    const kinds: string[] = []
    const embedder = await load(MODEL, {
      ...CACHED,
      workerUrl: '/nestling-dist-test/faulty-worker.js?quota=1',
      onWarning: ({ kind, message }) => kinds.push(`${kind}: ${message}`),
    })
    embedders.push(embedder)
    const { shape } = await embedder.encode(golden.texts)
    expect(shape).toEqual([golden.texts.length, 32])
    await embedder.stats()
    await embedder.encode(['one'])
    await embedder.stats()
    expect(kinds.filter((kind) => kind.startsWith('cache-unavailable'))).toHaveLength(1)
    expect(kinds.find((kind) => kind.startsWith('cache-unavailable'))).toMatch(/no room/)
    expect(await embeddingCache.size()).toBe(0)
  })
})

describe('spaces', () => {
  /** Fixtures whose queries and documents have different prompts. */
  const PROMPTED = [
    'bert-cls-prompts',
    'bert-prompt-excluded',
    'gemma3-dense',
    'nomic-bert-matryoshka',
    'qwen3-lasttoken',
    'xlm-roberta-mean',
  ]

  it.each(PROMPTED)('let queries and documents of %s be compared, kept or not', async (name) => {
    const embedder = await open(`/fixtures/${name}`, CACHED)
    expect(embedder.prompts['query']).not.toBe(embedder.prompts['document'])
    const query = await embedder.encodeQuery('river')
    const documents = await embedder.encodeDocument(['The river rises early.', 'river'])
    const kept = await embedder.encodeDocument(['The river rises early.', 'river'])
    expect([query, documents, kept].map(({ space }) => space)).toEqual(Array.from({ length: 3 }, () => embedder.space))
    expect(kept).toEqual(documents)
    const scores = await embedder.similarity(query, documents)
    expect(scores.shape).toEqual([1, 2])
    expect(await embedder.similarity(query, kept)).toEqual(scores)
    // Equal texts with other prompts are other texts.
    expect(await embedder.encodeQuery('river', { cache: true })).toEqual(query)
  })

  it('of two models are refused, and so are two dims', async () => {
    const [a, b] = [await open(MODEL, PLAIN), await open('/fixtures/bert-max', PLAIN)]
    const [left, right] = [await a.encode(['one']), await b.encode(['one'])]
    const error: unknown = await a.similarity(left, right).catch((caught: unknown) => caught)
    if (!isEmbedderError(error, 'space-mismatch')) throw error
    expect(error.details).toEqual({ a: left.space.id, b: right.space.id })
    expect(error.message).toContain(left.space.id)
    expect(error.message).toContain(right.space.id)
    await expect(a.similarity(left, left.truncate(8))).rejects.toThrow(RangeError)
  })
})

async function* source(texts: readonly string[]): AsyncGenerator<string, void, undefined> {
  for (const text of texts) yield await Promise.resolve(text)
}
