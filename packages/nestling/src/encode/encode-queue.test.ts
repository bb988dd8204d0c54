import { describe, expect, it } from 'vitest'
import { GoldenEngine, type GoldenEngineOptions } from '../../test/faults/golden-engine.js'
import { EmbedderError, isEmbedderError } from '../wire/embedder-error.js'
import type { EncodeRequest, HostEvent } from '../wire/protocol.js'
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

/** A queue over an engine that knows the golden texts, and what it tells. */
class Bench {
  readonly engine: GoldenEngine
  readonly queue: EncodeQueue
  readonly events: HostEvent[] = []

  constructor(engine: Partial<GoldenEngineOptions> = {}) {
    this.engine = new GoldenEngine({ tokenIds, vectors, dim, ...engine })
    const onEvent = (event: HostEvent): void => void this.events.push(event)
    this.queue = new EncodeQueue({ ...MODEL_FACTS, engine: this.engine, tokenizer: tokenizerOf(MODEL), onEvent })
  }

  add(id: number, chosen: readonly string[], more: Partial<EncodeRequest> = {}): void {
    this.queue.add({ ...REQUEST, id, texts: chosen, ...more })
  }

  /** Rows of a request by place. */
  rowsOf(id: number): Map<number, number[]> {
    const found = new Map<number, number[]>()
    for (const event of this.events) {
      if (event.kind !== 'rows') continue
      for (const rows of event.rows.filter((row) => row.id === id)) {
        const length = rows.data.length / rows.indices.length
        rows.indices.forEach((place, row) => {
          if (found.has(place)) throw new Error(`Row ${place} came twice`)
          found.set(place, Array.from(rows.data.subarray(row * length, (row + 1) * length)))
        })
      }
    }
    return found
  }

  async until(id: number, count: number): Promise<Map<number, number[]>> {
    await expect.poll(() => this.rowsOf(id).size).toBe(count)
    return this.rowsOf(id)
  }

  /** Ids of requests in the order in which they were done. */
  get order(): number[] {
    return this.events.flatMap((event) => (event.kind === 'rows' ? event.rows.map(({ id }) => id) : []))
  }
}

const short = texts.flatMap((_, index) => ((tokenIds[index]?.length ?? 0) < 64 ? [index] : []))
const textsOf = (indices: readonly number[]): string[] => indices.map((index) => texts[index] ?? '')

describe('EncodeQueue', () => {
  it('gives each text its vector, in its place', async () => {
    const bench = new Bench()
    bench.add(1, texts)
    const rows = await bench.until(1, texts.length)
    for (const index of texts.keys()) expect(rows.get(index)).toEqual(expected(index))
  })

  it.each([1, 2])(
    'has as many slices in flight as the engine runs, %i, and gives each its vectors',
    async (concurrency) => {
      const bench = new Bench({ concurrency, msPerToken: 1 })
      bench.add(1, texts)
      const rows = await bench.until(1, texts.length)
      for (const index of texts.keys()) expect(rows.get(index)).toEqual(expected(index))
      expect(bench.engine.mostInFlight).toBe(concurrency)
      await bench.queue.close(new EmbedderError('disposed', 'over'))
    },
  )

  it('runs calls of one tick in shared batches, and equal texts once', async () => {
    const bench = new Bench()
    const chosen = textsOf(short.slice(0, 6))
    for (let id = 1; id <= 50; id++) bench.add(id, [chosen[id % chosen.length] ?? ''])
    await Promise.all(Array.from({ length: 50 }, (_, index) => bench.until(index + 1, 1)))
    const ran = bench.engine.batches.reduce((sum, { count }) => sum + count, 0)
    expect(ran).toBe(new Set(chosen).size)
    expect(bench.engine.batches.length).toBeLessThan(ran)
  })

  it('lets a query overtake within one slice', async () => {
    const bench = new Bench({ msPerToken: 1 })
    bench.add(1, textsOf(short.slice(1)), { batchSize: 1 })
    await expect.poll(() => bench.engine.batches.length, { interval: 1 }).toBeGreaterThan(0)
    const before = bench.engine.batches.length
    const [query = 0] = short
    bench.add(2, [texts[query] ?? ''], { priority: 'interactive' })
    await bench.until(2, 1)
    expect(bench.order.indexOf(2)).toBeLessThanOrEqual(before)
    expect(bench.rowsOf(2).get(0)).toEqual(expected(query))
  })

  it('pulls a text out of the background that a query asks for too', async () => {
    const bench = new Bench({ msPerToken: 1 })
    bench.add(1, textsOf(short), { batchSize: 1 })
    const last = short.reduce((a, b) => ((tokenIds[a]?.length ?? 0) >= (tokenIds[b]?.length ?? 0) ? a : b))
    await expect.poll(() => bench.engine.batches.length, { interval: 1 }).toBeGreaterThan(0)
    const before = bench.engine.batches.length
    bench.add(2, [texts[last] ?? ''], { priority: 'interactive' })
    await bench.until(2, 1)
    expect(bench.order.indexOf(2)).toBeLessThanOrEqual(before + 1)
    await bench.until(1, short.length)
    expect(bench.engine.batches.reduce((sum, { count }) => sum + count, 0)).toBe(new Set(textsOf(short)).size)
  })

  it('tells nothing of a cancelled request, and goes on with the others', async () => {
    const bench = new Bench()
    bench.add(1, textsOf(short))
    bench.add(2, textsOf(short.slice(0, 2)))
    bench.queue.cancel(1)
    await bench.until(2, 2)
    // The same texts again: what was forgotten must not be waited for.
    bench.add(3, textsOf(short))
    await bench.until(3, short.length)
    expect(bench.rowsOf(1).size).toBe(0)
  })

  it('fails the requests of a batch that failed, and no other', async () => {
    let isBroken = true
    const bench = new Bench({
      spoil: (vector) => {
        if (isBroken) vector.fill(NaN)
      },
    })
    bench.add(1, textsOf(short.slice(0, 1)), { isIsolated: true })
    await expect.poll(() => bench.events.some(({ kind }) => kind === 'failed')).toBe(true)
    isBroken = false
    bench.add(2, textsOf(short.slice(0, 1)))
    expect((await bench.until(2, 1)).get(0)).toEqual(expected(short[0] ?? -1))
    const failed = bench.events.filter((event) => event.kind === 'failed')
    expect(failed.map(({ id }) => id)).toEqual([1])
    expect(isEmbedderError(failed[0]?.error, 'run-failed')).toBe(true)
  })

  it.each([
    ['infinity', Infinity],
    ['a vector of zeros', 0],
  ])('refuses %s', async (_, value) => {
    const bench = new Bench({ spoil: (vector) => vector.fill(value) })
    bench.add(1, textsOf(short.slice(0, 1)))
    await expect.poll(() => bench.events.map(({ kind }) => kind)).toEqual(['failed'])
  })

  it('says which text is too long, before anything runs', async () => {
    const bench = new Bench()
    const long = 'river '.repeat(100)
    bench.add(1, [texts[0] ?? '', long], { onTruncate: 'error' })
    await expect.poll(() => bench.events).toEqual([{ kind: 'too-long', id: 1, index: 1, tokenCount: 102 }])
    expect(bench.engine.batches).toEqual([])
  })

  it('cuts and scales as each request asks, in that order', async () => {
    const bench = new Bench()
    const [index = 0] = short
    bench.add(1, textsOf([index]), { truncateDim: 4 })
    bench.add(2, textsOf([index]), { truncateDim: 4, normalize: true })
    const cut = expected(index).slice(0, 4)
    expect((await bench.until(1, 1)).get(0)).toEqual(cut)
    const norm = Math.hypot(...cut)
    const scaled = (await bench.until(2, 1)).get(0) ?? []
    for (const [place, value] of scaled.entries()) expect(value).toBeCloseTo((cut[place] ?? NaN) / norm, 6)
  })

  it('fails what is pending when it is closed', async () => {
    const bench = new Bench({ msPerToken: 1 })
    bench.add(1, textsOf(short))
    await bench.queue.close(new EmbedderError('disposed', 'over'))
    const [last] = bench.events.slice(-1)
    expect(last?.kind === 'failed' && isEmbedderError(last.error, 'disposed')).toBe(true)
  })
})
