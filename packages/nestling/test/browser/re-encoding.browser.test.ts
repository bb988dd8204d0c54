import { minilmL6 } from '@nestling/minilm-l6'
import { embeddingCache, load } from 'nestling'
import { afterAll, beforeAll, expect, it } from 'vitest'

const COUNT = 200
const texts = Array.from({ length: COUNT }, (_, index) => `The river ${index}`)

const clear = (): Promise<void> => embeddingCache.clear()
beforeAll(clear)
afterAll(clear)

it('gives kept texts the same vectors, without encoding them again', async () => {
  const embedder = await load(minilmL6, { device: 'wasm', cache: { weights: 'off', embeddings: true } })
  try {
    const first = await embedder.encode(texts)
    // Asking for them waits until they are written.
    await embedder.stats()
    const second = await embedder.encode(texts)
    expect(second.data).toEqual(first.data)
    expect((await embedder.stats()).embeddings).toMatchObject({ hits: COUNT, misses: COUNT, storedVectors: COUNT })
  } finally {
    await embedder.dispose()
  }
})
