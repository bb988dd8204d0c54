import { createIndex, type SearchIndex } from '@nestling/search'
import { reactive } from '@vue/reactivity'
import { load, type Embedder } from 'nestling'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const TEXTS = ['Birds fly south in autumn.', 'The river rises early.', 'A child sleeps.']

/** What an application has in its state: everything in it is a proxy, or was made of one. */
describe('in the state of a framework', () => {
  const state = reactive({
    embedder: undefined as Embedder | undefined,
    index: undefined as SearchIndex | undefined,
    documents: TEXTS.map((text, id) => ({ id, text })),
    ids: [0, 1],
    filter: { tag: 'a' },
  })

  beforeAll(async () => {
    state.embedder = await load('/fixtures/bert-mean-normalize', { device: 'wasm' })
    state.index = await createIndex({ embedder: state.embedder })
  })
  afterAll(async () => {
    await (state.index as unknown as SearchIndex).dispose()
    await (state.embedder as unknown as Embedder).dispose()
  })

  it('an embedder and an index are what they were, and take documents', async () => {
    const index = state.index as unknown as SearchIndex
    await index.add(state.documents)
    expect((await index.search(TEXTS[1] ?? '', { topK: 1 }))[0]?.id).toBe(1)
    expect((await index.stats()).documents).toBe(3)
  })

  it('ids, filters and embeddings cross to the worker', async () => {
    const embedder = state.embedder as unknown as Embedder
    const index = await createIndex()
    const held = reactive({ all: await embedder.encode(TEXTS), one: await embedder.encode('birds in autumn') })
    // The test would show nothing if these could be cloned as they are.
    expect(() => structuredClone(held.all.space)).toThrow(/could not be cloned/)
    const documents = TEXTS.map((text, id) => ({ id, text, metadata: { tag: id === 0 ? 'a' : 'b' } }))
    await index.add(documents, { embeddings: held.all as never })
    await index.add([{ id: 9, text: 'more', metadata: { tag: 'a' }, embedding: held.one }])
    const hits = await index.search(held.one, { filter: state.filter })
    expect(hits.map(({ id }) => id)).toEqual([9, 0])
    const both = reactive({ text: 'birds', embedding: held.one })
    expect((await index.search(both as never, { topK: 1 }))[0]?.id).toBe(9)
    expect(await index.remove(state.ids)).toBe(2)
    await index.dispose()
  })

  it('what cannot be copied is refused by its name', async () => {
    const index = await createIndex()
    await index.add([{ id: 1, embedding: Float32Array.of(1, 0) }])
    const query = Float32Array.of(1, 0)
    await expect(index.search(query, { filter: { tag: { is: () => true } } as never })).rejects.toThrow(
      'Cannot search as filter.tag.is must be plain data',
    )
    await expect(index.remove([() => 1] as never)).rejects.toThrow('ids[0] must be a string or a finite number')
    await expect(index.paraphraseMining({ maxPairs: (() => 1) as never })).rejects.toThrow(
      'maxPairs must be plain data',
    )
    await expect(index.search({ text: () => 'a', embedding: query } as never)).rejects.toThrow('must be a string')
    await index.dispose()
  })
})
