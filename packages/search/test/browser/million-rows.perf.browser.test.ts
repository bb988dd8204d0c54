import { createIndex, type IndexPrecision, type SearchIndex } from '@nestling/search'
import { expect, it } from 'vitest'

const DIM = 384
const ROWS = 1_000_000
/** Rows that are added at a time: all of them in float32 would be 1.5 GB. */
const PORTION = 50_000
const QUERIES = 20

/** The p50 is that of the fastest round: other work on the machine only makes one slower. */
const ROUNDS = 6

/** Longest p50 of one million rows of 1 bit, in one worker and in two. */
const ONE_WORKER_MS = 40
const TWO_WORKERS_MS = 20

/** To add a million documents takes about a minute. */
const TIMEOUT_MS = 600_000

/** Where rows lie does not change how long a scan takes. */
function fillRows(rows: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(rows * DIM)
  let state = seed
  for (let index = 0; index < values.length; index++) {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    values[index] = state / 2 ** 31
  }
  return values
}

const queries = fillRows(QUERIES, 7)

async function makeIndex(precision: IndexPrecision, first: number, end: number): Promise<SearchIndex> {
  const index = await createIndex({ dim: DIM, precision })
  for (let start = first; start < end; start += PORTION) {
    const documents = Array.from({ length: PORTION }, (_, place) => ({ id: start + place }))
    await index.add(documents, { embeddings: fillRows(PORTION, start + 1) })
  }
  return index
}

interface Times {
  readonly p50Ms: number
  readonly fastestMs: number
}

/** Asks all parts of an index at once, and puts together what they find. */
async function measure(parts: readonly SearchIndex[]): Promise<Times> {
  let p50Ms = Infinity
  let fastestMs = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = []
    for (let query = 0; query < QUERIES; query++) {
      const vector = queries.subarray(query * DIM, (query + 1) * DIM)
      const started = performance.now()
      const found = await Promise.all(parts.map((part) => part.search(vector, { topK: 10 })))
      const hits = found.flat().sort((a, b) => b.score - a.score)
      times.push(performance.now() - started)
      expect(hits.slice(0, 10)).toHaveLength(10)
    }
    times.sort((a, b) => a - b)
    p50Ms = Math.min(p50Ms, times[QUERIES / 2] as number)
    fastestMs = Math.min(fastestMs, times[0] as number)
  }
  return { p50Ms, fastestMs }
}

function tell(name: string, { p50Ms, fastestMs }: Times, rowBytes: number): void {
  const rate = (ms: number): string => `${ms.toFixed(1)} ms (${(rowBytes / ms / 1e6).toFixed(2)} GB/s)`
  console.log(`${name}: p50 ${rate(p50Ms)}, fastest ${rate(fastestMs)}, ${(rowBytes / 1e6).toFixed(0)} MB of rows`)
}

it(
  `searches ${ROWS} rows of ${DIM} in 1 bit in ${ONE_WORKER_MS} ms, and in two workers in ${TWO_WORKERS_MS} ms`,
  async () => {
    console.log(`${navigator.hardwareConcurrency} threads, ${navigator.userAgent}`)
    const whole = await makeIndex('binary', 0, ROWS)
    const { rowBytes, sizeBytes } = await whole.stats()
    expect(rowBytes).toBe(48_000_000)
    const one = await measure([whole])
    tell('one worker', one, rowBytes)
    console.log(`with scales and tables ${(sizeBytes / 1e6).toFixed(0)} MB`)
    await whole.dispose()
    const halves = [await makeIndex('binary', 0, ROWS / 2), await makeIndex('binary', ROWS / 2, ROWS)]
    const two = await measure(halves)
    tell('two workers, half of the rows each', two, rowBytes)
    for (const half of halves) await half.dispose()
    expect(one.p50Ms).toBeLessThanOrEqual(ONE_WORKER_MS)
    expect(two.p50Ms).toBeLessThanOrEqual(TWO_WORKERS_MS)
  },
  TIMEOUT_MS,
)
