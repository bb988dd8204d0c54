import { deleteDB } from 'idb'
import { afterAll, describe, expect, it } from 'vitest'
import { EmbeddingStore } from './embedding-store.js'
import { IdbStorage } from './idb-storage.js'
import { openDatabase } from './open-database.js'
import { digestText } from './text-digest.js'

const COUNT = 10_000
const DIM = 384
const MAX_MS = 150
const RUNS = 6

const FACTS = {
  spaceId: 'space',
  model: 'model',
  prompt: '',
  maxSeqLength: 256,
  numerics: 'onnx fp32',
  onTruncate: 'truncate',
} as const

const texts = Array.from(
  { length: COUNT },
  (_, index) => `Sentence ${index} tells of river ${index % 97} and its towns.`,
)

/** The components of the vector of a text; a square of a number modulo a prime looks random enough. */
const component = (row: number, index: number): number =>
  Math.fround(((row * DIM + index) ** 2 % 10_007) / 10_007 - 0.5)

afterAll(() => deleteDB('nestling'))

describe('EmbeddingStore', () => {
  it(`reads ${COUNT} vectors of ${DIM} in at most ${MAX_MS} ms, digests and checksums included`, async () => {
    const storage = new IdbStorage(await openDatabase())
    const writer = new EmbeddingStore(storage, { maxBytes: 2 ** 28 })
    const writing = writer.partition(FACTS)
    for (const [row, text] of texts.entries()) {
      writing.put(digestText(text), {
        vector: Float32Array.from({ length: DIM }, (_, i) => component(row, i)),
        tokenCount: row,
      })
      if (row % 1024 === 0) await writer.flush()
    }
    await writer.flush()
    const times: number[] = []
    for (let run = 0; run < RUNS; run++) {
      // A new store has nothing in memory.
      const reading = new EmbeddingStore(storage, { maxBytes: 2 ** 28 }).partition(FACTS)
      const started = performance.now()
      const found = await reading.find(texts.map((text) => ({ digest: digestText(text), dim: DIM })))
      times.push(performance.now() - started)
      for (const row of [0, 1, 4999, COUNT - 1]) {
        expect(found[row]?.tokenCount).toBe(row)
        expect(found[row]?.vector).toEqual(Float32Array.from({ length: DIM }, (_, i) => component(row, i)))
      }
      expect(found.every((stored) => stored !== undefined)).toBe(true)
    }
    storage.close()
    console.log(`Reading ${COUNT} vectors of ${DIM}: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`)
    expect(Math.min(...times)).toBeLessThanOrEqual(MAX_MS)
  })
})
