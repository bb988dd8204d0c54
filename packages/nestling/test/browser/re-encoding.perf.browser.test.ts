import { minilmL6 } from '@nestling/minilm-l6'
import { embeddingCache, load } from 'nestling'
import { afterAll, beforeAll, expect, it } from 'vitest'

const COUNT = 2000
const MAX_RATIO = 1 / 20

const SUBJECTS = ['The river', 'A teacher', 'My neighbour', 'Her orchestra', 'This recipe', 'The night train'] as const

/** Short texts, all different and the same in every run: what a read costs is then the largest share. */
const texts = Array.from({ length: COUNT }, (_, index) => `${SUBJECTS[index % SUBJECTS.length] ?? ''} ${index}`)

const clear = (): Promise<void> => embeddingCache.clear()
beforeAll(clear)
afterAll(clear)

it(`encodes ${COUNT} kept texts in at most ${MAX_RATIO} of the first time`, async () => {
  const embedder = await load(minilmL6, { device: 'wasm', cache: { weights: 'off', embeddings: true } })
  try {
    const timed = async (): Promise<{ readonly ms: number; readonly data: Float32Array }> => {
      const started = performance.now()
      const { data } = await embedder.encode(texts)
      return { ms: performance.now() - started, data }
    }
    const first = await timed()
    await embedder.stats()
    const second = await timed()
    const third = await timed()
    const ratio = Math.max(second.ms, third.ms) / first.ms
    const times = [first, second, third].map(({ ms }) => ms.toFixed(0)).join(', ')
    console.log(`${COUNT} texts on WASM: ${times} ms; the slower kept one is 1/${(1 / ratio).toFixed(0)} of the first`)
    expect(second.data).toEqual(first.data)
    expect((await embedder.stats()).embeddings).toMatchObject({ hits: 2 * COUNT, misses: COUNT, storedVectors: COUNT })
    expect(ratio).toBeLessThanOrEqual(MAX_RATIO)
  } finally {
    await embedder.dispose()
  }
})
