import { createIndex, type Metadata, type SearchIndex, type SearchOptions } from '@nestling/search'
import { Embeddings } from 'nestling'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const AXIS = { x: Float32Array.of(1, 0), y: Float32Array.of(0, 1) }

let indexes: SearchIndex[] = []
let store: string
beforeEach(() => {
  store = `given ${crypto.randomUUID()}`
})
afterEach(async () => {
  await Promise.all(indexes.map((index) => index.dispose()))
  indexes = []
})

async function make(options: { store?: string } = {}): Promise<SearchIndex> {
  const index = await createIndex(options)
  indexes.push(index)
  return index
}

function asMetadata(value: unknown): Metadata {
  return value as Metadata
}

describe.each([
  ['memory', () => ({})],
  ['a store', () => ({ store })],
])('an index in %s', (_, options) => {
  it('refuses metadata that a file cannot hold, with its place, and nothing of the batch is there', async () => {
    const index = await make(options())
    await index.add([{ id: 'old', embedding: AXIS.x, metadata: { tags: ['a'] } }])
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    for (const bad of [1n, new Date(0), new Map(), NaN, () => 1, new Uint8Array(1), cycle]) {
      const documents = [
        { id: 'good', embedding: AXIS.x },
        { id: 'bad', embedding: AXIS.y, metadata: asMetadata({ tags: ['a', bad] }) },
      ]
      for (const method of ['add', 'update'] as const) {
        await expect(index[method](documents)).rejects.toThrow(TypeError)
        await expect(index[method](documents)).rejects.toThrow('documents[1].metadata.tags[1]')
      }
    }
    expect((await index.stats()).documents).toBe(1)
    const copy = await make()
    await copy.import(await index.export())
    expect(await copy.search(AXIS.x)).toMatchObject([{ id: 'old', metadata: { tags: ['a'] } }])
  })

  it('takes reactive documents, filters and ids, and keeps what they were', async () => {
    const index = await make(options())
    const reactive = <T extends object>(value: T): T => new Proxy(value, {})
    const metadata = reactive({ tag: 'a', list: reactive([1, reactive({ deep: null })]), zero: -0 })
    const adding = index.add(reactive([reactive({ id: 1, text: 'one', embedding: AXIS.x, metadata })]))
    metadata.tag = 'changed'
    await adding
    const [hit] = await index.search(AXIS.x, { filter: reactive({ tag: 'a' }) })
    expect(hit).toMatchObject({ id: 1, metadata: { tag: 'a', list: [1, { deep: null }], zero: -0 } })
    const copy = await make()
    await copy.import(await index.export())
    expect((await copy.search(AXIS.x))[0]?.metadata).toEqual(hit?.metadata)
    expect(await index.remove(reactive([1]))).toBe(1)
  })
})

describe('a filter', () => {
  it.each(['vectors', 'keywords', 'hybrid'] as const)('lets nothing through by accident (%s)', async (mode) => {
    const index = await make()
    await index.add([{ id: 1, text: 'one word', embedding: AXIS.x, metadata: { tag: 'a' } }])
    const query = { text: 'word', embedding: AXIS.x }
    const search = (filter: unknown): Promise<unknown> => index.search(query, { mode, filter } as SearchOptions)
    const wrong = [
      () => Promise.resolve(false),
      async () => Promise.reject(new Error('late')),
      { tag: ['a'] },
      new Map(),
    ]
    for (const filter of wrong) await expect(search(filter)).rejects.toThrow(TypeError)
    expect(await search(() => false)).toEqual([])
    expect(await search({ tag: 'b' })).toEqual([])
    expect(await search({ tag: 'a' })).toHaveLength(1)
  })
})

describe('vectors from elsewhere', () => {
  const space = { id: 'a', model: 'model A' }
  const other = { id: 'b', model: 'model B' }

  it('join the vectors of any model where they say nothing, and those of their own where they do', async () => {
    const index = await make()
    await index.add([{ id: 1 }], { embeddings: Embeddings.from([AXIS.x], space) })
    await index.add([{ id: 2 }], { embeddings: Embeddings.from([[0, 1]]) })
    expect((await index.search(Embeddings.from(AXIS.y), { topK: 1 }))[0]?.id).toBe(2)
    expect((await index.stats()).space).toEqual(space)
    const search = index.search(Embeddings.from(AXIS.y, other))
    await expect(search).rejects.toMatchObject({ code: 'space-mismatch' })
  })

  it('are of one model in one call', async () => {
    const index = await make()
    const documents = [space, other].map((each, id) => ({ id, embedding: Embeddings.from([id, 1], each) }))
    await expect(index.add(documents)).rejects.toMatchObject({ code: 'space-mismatch' })
    await expect(index.update(documents)).rejects.toThrow('current models are model A and model B')
    expect((await index.stats()).documents).toBe(0)
  })

  it('are no plain lists, for which the error tells the way', async () => {
    const index = await make()
    const rows = [[1, 0]] as unknown as Float32Array
    await expect(index.add([{ id: 1 }], { embeddings: rows })).rejects.toThrow(/Embeddings\.from\(rows\)$/)
    await expect(index.search(rows)).rejects.toThrow(/a list of 1\nMake one of plain numbers with Float32Array\.from/)
    expect((await index.stats()).documents).toBe(0)
  })
})

describe('createIndex()', () => {
  it('refuses a function that gives a promise of a worker', async () => {
    const worker = (() => Promise.resolve()) as unknown as () => Worker
    await expect(createIndex({ worker })).rejects.toThrow(TypeError)
    await expect(createIndex({ worker })).rejects.toThrow(
      'function worker must give a Worker: current value is a promise',
    )
  })
})
