import { describe, expect, it } from 'vitest'
import { GoldenEngine, type GoldenEngineOptions } from '../../test/faults/golden-engine.js'
import { EmbeddingStore } from '../store/embeddings/embedding-store.js'
import { MemoryStorage } from '../store/records/memory-storage.js'
import type { RecordStorage } from '../store/records/record-storage.js'
import type { EncodedRows, EncodeRequest, HostEvent } from '../wire/protocol.js'
import { VectorCache } from './vector-cache.js'
import { EncodeQueue } from './encode-queue.js'
import {
  dim,
  expected,
  MODEL,
  MODEL_FACTS,
  REQUEST,
  texts,
  tokenIds,
  tokenizerOf,
  vectors,
} from './golden-queue.contract.js'
import { numericsOf } from '../certify/numerics-of.js'

/** For a storage that hangs. Others have more time: a busy machine may take so long by itself. */
const LIMIT_MS = 250
const AMPLE_MS = 10_000

interface BenchOptions extends Partial<GoldenEngineOptions> {
  readonly storage?: RecordStorage
  /** Whose tokenizer it has. */
  readonly tokenizer?: string
  readonly limitMs?: number
}

/** A queue with a cache over an engine that knows the golden texts. */
class Bench {
  readonly engine: GoldenEngine
  readonly queue: EncodeQueue
  readonly store: EmbeddingStore
  readonly cache: VectorCache
  readonly events: HostEvent[] = []
  readonly failures: unknown[] = []

  constructor({ storage = new MemoryStorage(), tokenizer = MODEL, limitMs = AMPLE_MS, ...engine }: BenchOptions = {}) {
    this.engine = new GoldenEngine({ tokenIds, vectors, dim, ...engine })
    this.store = new EmbeddingStore(storage, { maxBytes: 2 ** 20 })
    this.cache = new VectorCache({
      store: this.store,
      facts: { spaceId: 'space', model: MODEL, maxSeqLength: 64, numerics: numericsOf(this.engine) },
      onFailure: (error) => this.failures.push(error),
      limitMs: { background: limitMs, interactive: limitMs / 3 },
    })
    this.queue = new EncodeQueue({
      ...MODEL_FACTS,
      engine: this.engine,
      tokenizer: tokenizerOf(tokenizer),
      cache: this.cache,
      onEvent: (event) => void this.events.push(event),
    })
  }

  add(id: number, chosen: readonly string[], more: Partial<EncodeRequest> = {}): void {
    this.queue.add({ ...REQUEST, id, texts: chosen, cacheDim: dim, ...more })
  }

  /** Rows of a request in its order, once there are so many. */
  async rowsOf(id: number, count: number): Promise<{ readonly rows: number[][]; readonly tokenCounts: number[] }> {
    const all = (): EncodedRows[] =>
      this.events.flatMap((event) => (event.kind === 'rows' ? event.rows.filter((rows) => rows.id === id) : []))
    await expect.poll(() => all().reduce((sum, { indices }) => sum + indices.length, 0), { interval: 1 }).toBe(count)
    const rows: number[][] = []
    const tokenCounts: number[] = []
    for (const { indices, data, tokenCounts: counts } of all()) {
      const length = data.length / indices.length
      indices.forEach((place, row) => {
        if (rows[place] !== undefined) throw new Error(`Row ${place} came twice`)
        rows[place] = Array.from(data.subarray(row * length, (row + 1) * length))
        tokenCounts[place] = counts[row] as number
      })
    }
    return { rows, tokenCounts }
  }

  /** Texts that were run. */
  get ran(): number {
    return this.engine.batches.reduce((sum, { count }) => sum + count, 0)
  }
}

const expectedRows = texts.map((_, index) => expected(index))
const distinct = new Set(texts).size
const short = texts.flatMap((_, index) => ((tokenIds[index]?.length ?? 0) < 64 ? [index] : []))
const [one = 0, two = 0, three = 0] = short
const textOf = (index: number): string => texts[index] ?? ''
const long = texts.findIndex((_, index) => tokenIds[index]?.length === 64)

/** A storage in which every golden text is kept. */
async function filledStorage(): Promise<MemoryStorage> {
  const storage = new MemoryStorage()
  const bench = new Bench({ storage })
  bench.add(1, texts)
  await bench.rowsOf(1, texts.length)
  await bench.store.flush()
  return storage
}

/** A storage that never answers from the time on at which it is told so. */
function hangingStorage(): {
  readonly storage: RecordStorage
  readonly hang: () => void
  readonly goOn: () => void
} {
  let isHanging = false
  let goOn = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const storage = new Proxy<RecordStorage>(new MemoryStorage(), {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown
      if (typeof value !== 'function') return value
      const call = value.bind(target) as (...args: readonly unknown[]) => unknown
      return isHanging ? (...args: readonly unknown[]) => ended.then(() => call(...args)) : call
    },
  })
  return { storage, hang: () => void (isHanging = true), goOn }
}

/** A storage that lists no keys before it is told to. */
function slowStorage(inner: RecordStorage): {
  readonly storage: RecordStorage
  readonly isAsked: () => boolean
  readonly answer: () => void
} {
  let answer = (): void => undefined
  let isAsked = false
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  const storage = new Proxy<RecordStorage>(inner, {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown
      if (typeof value !== 'function') return value
      if (key !== 'keys') return value.bind(target) as unknown
      return async (...args: Parameters<RecordStorage['keys']>) => {
        isAsked = true
        await held
        return target.keys(...args)
      }
    },
  })
  return { storage, isAsked: () => isAsked, answer }
}

describe('EncodeQueue with a cache', () => {
  it('answers stored texts without engine and tokenizer, with the same numbers and token counts', async () => {
    const storage = await filledStorage()
    const first = new Bench()
    first.add(1, texts)
    const fresh = await first.rowsOf(1, texts.length)
    // Another model's tokenizer would count otherwise.
    const bench = new Bench({ storage, tokenizer: 'xlm-roberta-mean' })
    bench.add(1, texts)
    expect(await bench.rowsOf(1, texts.length)).toEqual(fresh)
    expect(fresh.rows).toEqual(expectedRows)
    expect(bench.ran).toBe(0)
    expect(bench.cache).toMatchObject({ hits: distinct, misses: 0 })
    expect(first.cache).toMatchObject({ hits: 0, misses: distinct })
  })

  it('runs only what is not stored, once for all who ask', async () => {
    const storage = new MemoryStorage()
    const before = new Bench({ storage })
    before.add(1, [textOf(one), textOf(two)])
    await before.rowsOf(1, 2)
    await before.store.flush()
    const bench = new Bench({ storage })
    bench.add(1, [textOf(two), textOf(three), textOf(one)])
    bench.add(2, [textOf(three), textOf(one)])
    expect((await bench.rowsOf(1, 3)).rows).toEqual([expected(two), expected(three), expected(one)])
    expect((await bench.rowsOf(2, 2)).rows).toEqual([expected(three), expected(one)])
    expect(bench.ran).toBe(1)
    expect(bench.cache).toMatchObject({ hits: 2, misses: 1 })
  })

  it('serves smaller dims, and encodes again for a larger one, which is stored then', async () => {
    const storage = new MemoryStorage()
    const small = { truncateDim: 8, cacheDim: 8 }
    const first = new Bench({ storage })
    first.add(1, [textOf(one)], small)
    await first.rowsOf(1, 1)
    first.add(2, [textOf(one)], { ...small, truncateDim: 3 })
    expect((await first.rowsOf(2, 1)).rows).toEqual([expected(one, 3)])
    expect(first.ran).toBe(1)
    first.add(3, [textOf(one)], { truncateDim: 9, cacheDim: 9 })
    expect((await first.rowsOf(3, 1)).rows).toEqual([expected(one, 9)])
    expect(first.ran).toBe(2)
    first.add(4, [textOf(one)], { cacheDim: 9, truncateDim: 9, normalize: true })
    const cut = expected(one, 9)
    const [scaled = []] = (await first.rowsOf(4, 1)).rows
    cut.forEach((value, index) => {
      expect(scaled[index]).toBeCloseTo(value / Math.hypot(...cut), 6)
    })
    // Longer than the model's vectors is all of them.
    first.add(5, [textOf(one)], { truncateDim: 1000 })
    first.add(6, [textOf(one)])
    expect((await first.rowsOf(6, 1)).rows).toEqual([expected(one)])
    first.add(7, [textOf(one)], { truncateDim: 1000 })
    expect((await first.rowsOf(7, 1)).rows).toEqual([expected(one)])
    expect(first.ran).toBe(3)
  })

  it('neither reads nor writes for requests without it', async () => {
    const storage = new MemoryStorage()
    const bench = new Bench({ storage })
    bench.add(1, [textOf(one)], { cacheDim: undefined })
    await bench.rowsOf(1, 1)
    bench.add(2, [textOf(one)])
    await bench.rowsOf(2, 1)
    await bench.store.flush()
    bench.add(3, [textOf(one)], { cacheDim: undefined })
    await bench.rowsOf(3, 1)
    expect(bench.ran).toBe(3)
    expect(bench.cache).toMatchObject({ hits: 0, misses: 1 })
  })

  it('refuses a text that is too long by its stored token count, and gives it to those who have it cut', async () => {
    const bench = new Bench({ storage: await filledStorage() })
    bench.add(1, [textOf(one), textOf(long)], { onTruncate: 'error' })
    bench.add(2, [textOf(long)])
    expect((await bench.rowsOf(2, 1)).rows).toEqual([expected(long)])
    const tokenCount = (await bench.rowsOf(2, 1)).tokenCounts[0]
    expect(tokenCount).toBeGreaterThan(64)
    expect(bench.events).toContainEqual({ kind: 'too-long', id: 1, index: 1, tokenCount })
    expect(bench.ran).toBe(0)
  })

  it('keeps chunked texts apart from those that are cut', async () => {
    const bench = new Bench({ storage: await filledStorage() })
    bench.add(1, [textOf(one)], { onTruncate: 'chunk' })
    await bench.rowsOf(1, 1)
    bench.add(2, [textOf(one)], { onTruncate: 'chunk' })
    await bench.rowsOf(2, 1)
    expect(bench.ran).toBe(1)
  })

  it('tells nothing of a cancelled request, and goes on with the others', async () => {
    const bench = new Bench({ storage: await filledStorage() })
    bench.add(1, texts)
    bench.add(2, [textOf(one)])
    bench.queue.cancel(1)
    expect((await bench.rowsOf(2, 1)).rows).toEqual([expected(one)])
    expect(bench.events.every((event) => event.kind !== 'rows' || event.rows.every(({ id }) => id === 2))).toBe(true)
  })

  it('gives a query its text that a list waits for, without waiting for the cache', async () => {
    const { storage, hang, goOn } = hangingStorage()
    const bench = new Bench({ storage })
    hang()
    bench.add(1, [textOf(one), textOf(two)])
    for (const [id, priority] of [
      [2, 'interactive'],
      [3, 'background'],
    ] as const) {
      bench.add(id, [textOf(one)], { priority, cacheDim: undefined })
    }
    await bench.rowsOf(2, 1)
    expect(bench.failures).toEqual([])
    goOn()
    expect((await bench.rowsOf(1, 2)).rows).toEqual([expected(one), expected(two)])
  })

  it('waits for a storage that hangs once and not for long', async () => {
    const { storage, hang } = hangingStorage()
    const bench = new Bench({ storage, limitMs: LIMIT_MS })
    hang()
    const started = performance.now()
    bench.add(1, [textOf(one)])
    await bench.rowsOf(1, 1)
    const first = performance.now() - started
    expect(first).toBeGreaterThanOrEqual(LIMIT_MS - 5)
    expect(bench.failures).toHaveLength(1)
    for (let id = 2; id < 12; id++) {
      bench.add(id, [textOf(short[id] ?? 0)])
      await bench.rowsOf(id, 1)
    }
    // Each of them would wait as long as the first one.
    expect(performance.now() - started - first).toBeLessThan(10 * LIMIT_MS)
    expect(bench.failures).toHaveLength(1)
  })

  it('encodes where the storage fails', async () => {
    const storage = new MemoryStorage()
    storage.close()
    const bench = new Bench({ storage })
    bench.add(1, texts)
    expect((await bench.rowsOf(1, texts.length)).rows).toEqual(expectedRows)
    expect(bench.failures.length).toBeGreaterThan(0)
  })

  it('gives a row once where the cache answers while its text runs', async () => {
    const { storage, isAsked, answer } = slowStorage(await filledStorage())
    // Long enough for the answer on a busy machine too.
    const bench = new Bench({ storage, msPerToken: 60 })
    const [shortest = 0, ...others] = [...short].sort((a, b) => (tokenIds[a]?.length ?? 0) - (tokenIds[b]?.length ?? 0))
    const asked = [shortest, ...others.slice(0, 2)]
    bench.add(1, [textOf(shortest)])
    await expect.poll(isAsked, { interval: 1 }).toBe(true)
    // The call goes on after the text that both give it.
    bench.add(2, asked.map(textOf), { priority: 'interactive', cacheDim: undefined, batchSize: 1 })
    await expect.poll(() => bench.engine.batches.length, { interval: 1 }).toBe(1)
    answer()
    expect((await bench.rowsOf(1, 1)).rows).toEqual([expected(shortest)])
    expect((await bench.rowsOf(2, 3)).rows).toEqual(asked.map((index) => expected(index)))
    expect(bench.cache).toMatchObject({ hits: 1, misses: 0 })
  })

  it('encodes a text for which someone came with a longer dim while the cache was asked', async () => {
    const inner = new MemoryStorage()
    const before = new Bench({ storage: inner })
    before.add(1, [textOf(one)], { truncateDim: 4, cacheDim: 4 })
    await before.rowsOf(1, 1)
    await before.store.flush()
    const { storage, isAsked, answer } = slowStorage(inner)
    const bench = new Bench({ storage })
    bench.add(1, [textOf(one)], { truncateDim: 4, cacheDim: 4 })
    await expect.poll(isAsked, { interval: 1 }).toBe(true)
    bench.add(2, [textOf(one)], { truncateDim: 16, cacheDim: 16 })
    answer()
    expect((await bench.rowsOf(1, 1)).rows).toEqual([expected(one, 4)])
    expect((await bench.rowsOf(2, 1)).rows).toEqual([expected(one, 16)])
    expect(bench.cache).toMatchObject({ hits: 0, misses: 1 })
  })

  it('fails what is pending when it is closed while the cache is asked', async () => {
    const { storage, hang } = hangingStorage()
    const bench = new Bench({ storage, limitMs: LIMIT_MS })
    hang()
    bench.add(1, [textOf(one)])
    await bench.queue.close(new Error('over'))
    expect(bench.events.map(({ kind }) => kind)).toEqual(['failed'])
    await new Promise((resolve) => setTimeout(resolve, 2 * LIMIT_MS))
    expect(bench.events).toHaveLength(1)
    expect(bench.ran).toBe(0)
  })
})
