import { minilmL6 } from '@nestling/minilm-l6'
import { isEmbedderError, modelCache } from 'nestling'
import { defineSemanticEmbedder, type SemanticEmbedderFactory } from 'nestling/semantic-embedder'
import { afterEach, describe, expect, it } from 'vitest'

const scope = globalThis as { SemanticEmbedder?: SemanticEmbedderFactory }

afterEach(() => {
  delete scope.SemanticEmbedder
})

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)

describe('defineSemanticEmbedder()', () => {
  it('downloads, embeds and ends as the proposed API does', async () => {
    await modelCache.clear()
    const factory = defineSemanticEmbedder(minilmL6, { device: 'wasm' })
    expect(await factory.availability()).toBe('downloadable')
    const loaded: number[] = []
    const monitor = (target: EventTarget): void => {
      target.addEventListener('downloadprogress', (event) =>
        loaded.push((event as unknown as { loaded: number }).loaded),
      )
    }
    const creating = factory.create({ monitor })
    expect(await factory.availability()).toBe('downloading')
    const embedder = await creating
    expect(await factory.availability()).toBe('available')
    expect(loaded.at(-1)).toBe(1)
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b))

    const { embeddings } = await embedder.embed(['It is well.', "That's convenient."])
    const [first, second] = embeddings.map(({ values }) => values) as [Float32Array, Float32Array]
    // Python, float32: .2682; the weights are int8.
    expect(Math.abs(dot(first, second) - 0.2682)).toBeLessThan(0.01)
    expect(first.buffer.byteLength).toBe(384 * 4)
    expect(embeddings.map(({ embeddingSpace }) => embeddingSpace)).toEqual([
      embedder.embeddingSpace,
      embedder.embeddingSpace,
    ])
    // [CLS] it is well . [SEP]
    expect(embeddings[0]?.statistics).toEqual({ tokenCount: 6, truncated: false })
    const long = await embedder.embed('word '.repeat(300))
    expect(long.embeddings.map(({ statistics }) => statistics)).toEqual([{ tokenCount: 302, truncated: true }])

    for (const taskType of [
      'semantic-similarity',
      'retrieval-query',
      'retrieval-document',
      'classification',
      'clustering',
    ] as const) {
      const [embedding] = (await embedder.embed('It is well.', { taskType })).embeddings
      // This model has no prompts.
      expect(dot(embedding?.values ?? first, first)).toBeCloseTo(1, 4)
    }
    await expect(embedder.embed('a', { taskType: 'query' as never })).rejects.toThrow(TypeError)
    embedder.destroy()
    const error = await embedder.embed('a').catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'disposed')).toBe(true)
  })

  it('refuses another space than that of the model, and options that do not exist', async () => {
    const factory = defineSemanticEmbedder(minilmL6, { device: 'wasm', truncateDim: 64 })
    const embedder = await factory.create()
    const { embeddings } = await embedder.embed('It is well.')
    expect(embeddings[0]?.values).toHaveLength(64)
    const again = await factory.create({ embeddingSpace: embedder.embeddingSpace })
    const error = await factory.create({ embeddingSpace: 'another' }).catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'space-mismatch')).toBe(true)
    await expect(factory.create({ space: 'x' } as never)).rejects.toThrow(/space is not an option/)
    expect(() => defineSemanticEmbedder(minilmL6, { native: 'always' as never })).toThrow(TypeError)
    embedder.destroy()
    again.destroy()
  })

  it("takes the browser's own only when that is asked for and it is there", async () => {
    const own = { embeddingSpace: 'native', embed: () => Promise.resolve({ embeddings: [] }), destroy: () => undefined }
    const asked: unknown[] = []
    let isThere = true
    scope.SemanticEmbedder = {
      availability: () => Promise.resolve(isThere ? 'downloadable' : 'unavailable'),
      create: (options) => {
        asked.push(options)
        return Promise.resolve(own)
      },
    }
    const preferring = defineSemanticEmbedder(minilmL6, { device: 'wasm', native: 'prefer' })
    expect(await preferring.availability()).toBe('downloadable')
    expect(await preferring.create({ embeddingSpace: 'native' })).toBe(own)
    expect(asked).toEqual([{ embeddingSpace: 'native' }])
    isThere = false
    expect(await preferring.availability()).toBe('available')
    for (const factory of [preferring, defineSemanticEmbedder(minilmL6, { device: 'wasm' })]) {
      const embedder = await factory.create()
      expect(embedder.embeddingSpace).not.toBe('native')
      embedder.destroy()
      isThere = true
    }
    expect(asked).toHaveLength(1)
  })
})
