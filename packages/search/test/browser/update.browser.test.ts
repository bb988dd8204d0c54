import { createIndex, type CreateIndexOptions, type SearchEmbedder, type SearchIndex } from '@nestling/search'
import { codeOf } from '@nestling/testing/outcome'
import { load, type Embedder } from 'nestling'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let embedder: Embedder
/** Texts that were encoded. */
let encoded: string[] = []
/** Done with each text before it is encoded. */
let meanwhile: (() => Promise<unknown>) | undefined
let indexes: SearchIndex[] = []

beforeAll(async () => {
  embedder = await load('/fixtures/bert-mean-normalize', { device: 'wasm' })
})
afterAll(() => embedder.dispose())
beforeEach(() => {
  encoded = []
  meanwhile = undefined
})
afterEach(async () => {
  await Promise.all(indexes.map((index) => index.dispose()))
  indexes = []
})

/** The model, with notes of what it encodes. */
function noted(): SearchEmbedder {
  const { nestedDims, similarityFunction, prompts } = embedder
  return {
    nestedDims,
    similarityFunction,
    prompts,
    encodeQuery: (text, options) => embedder.encodeQuery(text, options),
    chunk: (texts, options) => embedder.chunk(texts, options),
    encodeDocument: async (texts, options) => {
      encoded.push(...texts)
      await meanwhile?.()
      return embedder.encodeDocument(texts, options)
    },
  }
}

async function make(options: CreateIndexOptions = {}): Promise<SearchIndex> {
  const index = await createIndex({ embedder: noted(), ...options })
  indexes.push(index)
  return index
}

const TEXTS = ['A cat sleeps on the sofa.', 'The train was late again.', 'She plays the piano.']
const DOCUMENTS = TEXTS.map((text, id) => ({ id, text, metadata: { place: id } }))

describe('update', () => {
  it('encodes what is new or another text, and tells what it did', async () => {
    const index = await make()
    expect(await index.update(DOCUMENTS)).toEqual({ added: 3, updated: 0, unchanged: 0 })
    expect(encoded).toEqual(TEXTS)
    expect(await index.update([])).toEqual({ added: 0, updated: 0, unchanged: 0 })
    const events: unknown[] = []
    const onProgress = (event: unknown): unknown => events.push(event)
    const given = [
      DOCUMENTS[0],
      { ...DOCUMENTS[1], metadata: { place: 9 } },
      { id: 2, text: 'A dog' },
      { id: 3, text: '' },
    ]
    expect(await index.update(given as typeof DOCUMENTS, { onProgress })).toEqual({
      added: 1,
      updated: 2,
      unchanged: 1,
    })
    expect(encoded).toEqual([...TEXTS, 'A dog', ''])
    expect(events).toEqual([
      { done: 2, total: 4 },
      { done: 4, total: 4 },
    ])
    const [hit] = await index.search(TEXTS[1] as string, { topK: 1 })
    expect([hit?.id, hit?.metadata]).toEqual([1, { place: 9 }])
    expect(hit?.score).toBeCloseTo(1, 4)
    expect((await index.search('dog', { mode: 'keywords' })).map(({ id }) => id)).toEqual([2])
  })

  it('encodes again where texts are cut in another way', async () => {
    const store = `update ${crypto.randomUUID()}`
    await (await make({ store, maxTokens: 64 })).add(DOCUMENTS)
    expect(encoded).toHaveLength(3)
    expect((await (await make({ store, maxTokens: 64 })).update(DOCUMENTS)).unchanged).toBe(3)
    expect(encoded).toHaveLength(3)
    const other = await make({ store, maxTokens: 8 })
    expect((await other.update(DOCUMENTS)).updated).toBe(3)
    expect((await other.update(DOCUMENTS)).unchanged).toBe(3)
  })

  it('needs no embedder and no vectors where no text changed', async () => {
    const store = `update ${crypto.randomUUID()}`
    await (await make({ store })).add([...DOCUMENTS, { id: 'bare', text: '' }])
    const index = await make({ store, embedder: undefined })
    const changed = DOCUMENTS.map((document) => ({ ...document, metadata: { place: 7 } }))
    expect(await index.update([...changed, { id: 'bare', text: '' }])).toEqual({ added: 0, updated: 3, unchanged: 1 })
    expect((await index.get(2))?.metadata).toEqual({ place: 7 })
    expect(await codeOf(index.update([...DOCUMENTS, { id: 9, text: 'new' }]))).toBe('TypeError')
    expect((await index.get(2))?.metadata).toEqual({ place: 7 })
  })

  it('takes vectors for another text, and metadata alone for a document without one', async () => {
    const index = await make({ embedder: undefined })
    const embedding = Float32Array.of(1, 0)
    await index.add([{ id: 1, embedding, metadata: { place: 1 } }])
    expect((await index.update([{ id: 1, embedding, metadata: { place: 1 } }])).unchanged).toBe(1)
    expect((await index.update([{ id: 1, metadata: { place: 2 } }])).updated).toBe(1)
    expect((await index.update([{ id: 1, metadata: { place: 2 }, embedding: Float32Array.of(0, 1) }])).updated).toBe(1)
    expect((await index.search(Float32Array.of(0, 1)))[0]?.score).toBeCloseTo(1, 6)
  })

  it('encodes what another call took away or changed while it was at work', async () => {
    const index = await make()
    await index.add(DOCUMENTS)
    const other = { ...(DOCUMENTS[1] as (typeof DOCUMENTS)[0]), text: 'Another text.' }
    meanwhile = async () => {
      meanwhile = undefined
      await index.remove([0])
      await index.update([other])
    }
    const events: number[] = []
    const onProgress = ({ done }: { readonly done: number }): unknown => events.push(done)
    const counts = await index.update([...DOCUMENTS, { id: 3, text: 'Fourth.' }], { onProgress })
    expect(counts).toEqual({ added: 2, updated: 1, unchanged: 1 })
    expect(encoded.slice(3)).toEqual(['Fourth.', 'Another text.', TEXTS[0], TEXTS[1]])
    expect((await index.get(1))?.text).toBe(TEXTS[1])
    expect(events).toEqual([3, 4])
  })

  it('changes nothing where it is aborted, and goes on', async () => {
    const index = await make()
    await index.add(DOCUMENTS)
    const reason = new Error('enough')
    const controller = new AbortController()
    const given = DOCUMENTS.map((document) => ({ ...document, metadata: { place: 9 } }))
    const onProgress = (): void => {
      controller.abort(reason)
    }
    const aborted = index.update([...given, { id: 5, text: 'new' }], { onProgress, signal: controller.signal })
    await expect(aborted).rejects.toBe(reason)
    expect((await index.get(1))?.metadata).toEqual({ place: 1 })
    expect(await index.update(given)).toEqual({ added: 0, updated: 3, unchanged: 0 })
  })

  it.each(['add', 'update'] as const)(
    'makes no half of a change where a worker ends between its parts: %s',
    async (call) => {
      const workers: Worker[] = []
      const worker = (): Worker => {
        const started = new Worker(new URL('../../dist/search-worker.js', import.meta.url), { type: 'module' })
        workers.push(started)
        return started
      }
      const index = await make({ store: `update ${crypto.randomUUID()}`, worker })
      await index.update(DOCUMENTS)
      // As many as are encoded in two portions.
      const documents = Array.from({ length: 100 }, (_, id) => ({ id: 100 + id, text: `text ${id}` }))
      let portions = 0
      meanwhile = async () => {
        if (++portions !== 2) return
        workers[0]?.terminate()
        await expect.poll(() => codeOf(index.stats())).toBe('done')
        await expect.poll(() => workers.length).toBe(2)
      }
      expect(await codeOf(index[call](documents))).toBe('worker-crashed')
      expect((await index.stats()).documents).toBe(3)
      await index[call](documents)
      expect((await index.stats()).documents).toBe(103)
    },
  )

  it('takes documents of long texts, a few at a time', async () => {
    const index = await make({ embedder: undefined })
    const text = 'long '.repeat(60_000)
    const documents = Array.from({ length: 5 }, (_, id) => ({ id, text, embedding: Float32Array.of(1, id) }))
    await index.add(documents)
    const given = documents.map(({ id }) => ({ id, text, metadata: { id } }))
    // Their vectors were brought: without an embedder nobody can make others.
    expect(await index.update(given)).toEqual({ added: 0, updated: 5, unchanged: 0 })
    expect(await index.update(given)).toEqual({ added: 0, updated: 0, unchanged: 5 })
  })
})
