import { createIndex, type CreateIndexOptions, type SearchIndex } from '@nestling/search'
import { codeOf } from '@nestling/testing/outcome'
import { load, type Embedder } from 'nestling'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const FOLDER = '/fixtures/bert-mean-normalize'
const OTHER_FOLDER = '/fixtures/electra-mean'

const LONG = Array.from({ length: 40 }, (_, place) => `Sentence number ${place} tells of a river.`).join(' ')

let embedder: Embedder
let names = 0
let store: string
let indexes: SearchIndex[] = []

beforeAll(async () => {
  embedder = await load(FOLDER, { device: 'wasm' })
})
afterAll(() => embedder.dispose())
beforeEach(() => {
  store = `test ${crypto.randomUUID()} ${++names}`
})
afterEach(async () => {
  await Promise.all(indexes.map((index) => index.dispose()))
  indexes = []
})

async function make(options: CreateIndexOptions = {}): Promise<SearchIndex> {
  const index = await createIndex(options)
  indexes.push(index)
  return index
}

const TEXTS = ['A cat sleeps on the sofa.', 'The train was late again.', 'She plays the piano.']
const DOCUMENTS = TEXTS.map((text, id) => ({ id, text, metadata: { place: id } }))

describe('an index with an embedder', () => {
  it('finds each text by itself, with its passage and metadata', async () => {
    const index = await make({ embedder })
    const events: number[] = []
    await index.add(DOCUMENTS, { onProgress: ({ done }) => events.push(done) })
    expect(events).toEqual([3])
    for (const [id, text] of TEXTS.entries()) {
      const [hit] = await index.search(text)
      expect(hit).toMatchObject({ id, metadata: { place: id }, passage: { text, start: 0, end: text.length } })
      expect(hit?.score).toBeCloseTo(1, 4)
    }
  })

  it('finds the passage of a long text, cut by tokens, where it is', async () => {
    const index = await make({ embedder, maxTokens: 16 })
    await index.add([{ id: 'long', text: LONG }, ...DOCUMENTS])
    const { rows, documents } = await index.stats()
    expect(documents).toBe(4)
    const chunks = await embedder.chunk(LONG, { maxTokens: 16 })
    expect(rows).toBe(3 + chunks.length)
    const wanted = chunks[17]
    const [hit] = await index.search(wanted?.text ?? '', { topK: 1 })
    expect(hit?.id).toBe('long')
    expect(hit?.passage).toEqual({ text: wanted?.text, start: wanted?.start, end: wanted?.end })
  })

  it('truncates to its dim, and refuses the vectors of another model', async () => {
    const index = await make({ embedder, dim: 16, store })
    await index.add(DOCUMENTS)
    expect((await index.stats()).dim).toBe(16)
    expect((await index.search(TEXTS[1] as string))[0]?.id).toBe(1)
    const other = await load(OTHER_FOLDER, { device: 'wasm' })
    try {
      expect(await codeOf(make({ embedder: other, store }))).toBe('space-mismatch')
      const reopened = await make({ store })
      expect(await codeOf(reopened.search(await other.encodeQuery('A cat', { truncateDim: 16 })))).toBe(
        'space-mismatch',
      )
      expect((await reopened.stats()).documents).toBe(3)
    } finally {
      await other.dispose()
    }
  })

  it('filters on the page and in the worker, and by score', async () => {
    const index = await make({ embedder })
    await index.add(DOCUMENTS)
    const ids = async (options: Parameters<typeof index.search>[1]): Promise<unknown[]> =>
      (await index.search('A cat', options)).map(({ id }) => id)
    expect(await ids({ filter: { place: 2 } })).toEqual([2])
    expect(await ids({ filter: { place: { gte: 1, not: 2 } } })).toEqual([1])
    expect((await ids({ filter: ({ place }) => Number(place) > 0 })).sort()).toEqual([1, 2])
    await index.remove([2])
    expect(await ids({ filter: ({ place }) => Number(place) > 0 })).toEqual([1])
    expect(await ids({ minScore: 1.1 })).toEqual([])
    await expect(
      ids({
        filter: () => {
          throw new Error('mine')
        },
      }),
    ).rejects.toThrow('mine')
  })

  it('finds words, and both', async () => {
    const index = await make({ embedder })
    await index.add(DOCUMENTS)
    expect((await index.search('pianno', { mode: 'keywords' })).map(({ id }) => id)).toEqual([2])
    // The model says nothing of meaning.
    const [late] = await index.search('late train', { mode: 'hybrid', fusion: { kind: 'scores', weight: 0.1 } })
    expect(late?.id).toBe(1)
    expect(late?.score).toBeCloseTo(0.1 * (late?.parts?.vectors ?? NaN) + 0.9 * (late?.parts?.words ?? NaN), 6)
    expect(await index.search(' ', { mode: 'hybrid' })).toEqual([])
  })

  it('says what matched', async () => {
    const index = await make({ embedder, fields: { title: {} } })
    const text = 'The train is late. Nobody knows why.'
    await index.add([{ id: 1, text, metadata: { title: 'Trains' } }])
    const [hit] = await index.search('late trains', { mode: 'hybrid', explain: true })
    expect(hit?.matches?.words).toEqual([
      { field: 'title', start: 0, end: 6 },
      { field: 'text', start: text.indexOf('late'), end: text.indexOf('late') + 4 },
    ])
    const { start = 0, end = 0 } = hit?.matches?.sentence ?? {}
    expect(['The train is late.', 'Nobody knows why.']).toContain(text.slice(start, end))
    expect(hit?.matches?.sentence?.text).toBe(text.slice(start, end))
    const [plain] = await index.search('late trains', { mode: 'hybrid' })
    expect(plain !== undefined && 'matches' in plain).toBe(false)
  })

  it('adds nothing where it is aborted, and goes on', async () => {
    const index = await make({ embedder, store })
    const reason = new Error('enough')
    const controller = new AbortController()
    const documents = Array.from({ length: 130 }, (_, id) => ({ id, text: `text ${id}` }))
    const onProgress = (): void => {
      controller.abort(reason)
    }
    await expect(index.add(documents, { onProgress, signal: controller.signal })).rejects.toBe(reason)
    expect((await index.stats()).documents).toBe(0)
    await expect(index.search('text', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await index.add(DOCUMENTS)
    expect((await index.stats()).documents).toBe(3)
  })
})

const vector = (...values: number[]): Float32Array => Float32Array.from(values)

describe('an index of ready vectors', () => {
  it('takes and finds them without an embedder, and leaves the caller what is theirs', async () => {
    const index = await make()
    const embeddings = vector(1, 0, 0, 1, 0.7, 0.7)
    const query = vector(1, 0)
    await index.add([{ id: 'x' }, { id: 'y' }, { id: 'xy', text: 'a text' }], { embeddings })
    const hits = await index.search(query)
    expect(hits.map(({ id }) => id)).toEqual(['x', 'xy', 'y'])
    expect(hits.map(({ score }) => score)).toEqual([1, expect.closeTo(Math.SQRT1_2, 6), 0])
    expect(hits.map(({ passage }) => passage?.text)).toEqual([undefined, 'a text', undefined])
    expect([embeddings.length, query.length]).toEqual([6, 2])
    expect(await codeOf(index.search('words alone'))).toBe('TypeError')
    expect((await index.search({ text: 'text', embedding: query }, { mode: 'hybrid' }))[0]?.id).toBe('xy')
  })

  it('refuses misuse with an error of the right class', async () => {
    const index = await make({ dim: 2 })
    const add = (documents: unknown, options?: object): Promise<string> =>
      codeOf(index.add(documents as never, options))
    expect(await add([{ id: 1, embedding: vector(1, 2, 3) }])).toBe('RangeError')
    expect(await add([{ id: 1 }])).toBe('TypeError')
    expect(await add([{ id: 1, embedding: [1, 2] }])).toBe('TypeError')
    expect(
      await add([
        { id: 1, embedding: vector(1, 0) },
        { id: 1, embedding: vector(0, 1) },
      ]),
    ).toBe('RangeError')
    expect(await add([{ id: {}, embedding: vector(1, 0) }])).toBe('TypeError')
    expect(await add([{ id: 1, embedding: vector(1, NaN) }])).toBe('RangeError')
    expect(await add([{ id: 1, embedding: vector(1, 0) }], { batch: 1 })).toBe('TypeError')
    expect(await codeOf(index.search(vector(1, 0), { topK: 0 }))).toBe('RangeError')
    expect(await codeOf(index.search(vector(1, 0), { scoring: 'int8' }))).toBe('TypeError')
    expect(await codeOf(make({ dims: 2 } as CreateIndexOptions))).toBe('TypeError')
    expect(await codeOf(make({ dim: 0 }))).toBe('RangeError')
    expect(await index.search(vector(1, 0))).toEqual([])
  })

  it('ends every call when it is disposed of, twice', async () => {
    const index = await make()
    await index.add([{ id: 1, embedding: vector(1, 0) }])
    const pending = codeOf(index.search(vector(1, 0)))
    await index.dispose()
    await index.dispose()
    expect(['disposed', 'done']).toContain(await pending)
    expect(await codeOf(index.search(vector(1, 0)))).toBe('disposed')
  })

  it('goes through a file into another index', async () => {
    const index = await make({ store })
    await index.add([{ id: 1, text: 'one', metadata: { a: [1, null] }, embedding: vector(1, 0) }])
    const file = await index.export()
    const copy = await make({ precision: 'int8' })
    await copy.import(file)
    expect(await copy.search(vector(1, 0))).toEqual([
      {
        id: 1,
        score: expect.closeTo(1, 6) as number,
        metadata: { a: [1, null] },
        passage: { text: 'one', start: 0, end: 3 },
      },
    ])
    const bytes = new Uint8Array(await file.arrayBuffer())
    bytes[40] = (bytes[40] as number) ^ 1
    expect(await codeOf(index.import(bytes))).toBe('index-corrupt')
    expect(await index.search(vector(1, 0))).toHaveLength(1)
  })
})

describe('several tabs', () => {
  const add = (index: SearchIndex, id: number): Promise<void> =>
    index.add([{ id, embedding: vector(Math.cos(id), Math.sin(id)) }])

  it('join their changes, and see those of the others', async () => {
    const tabs = await Promise.all([make({ store }), make({ store }), make({ store })])
    await Promise.all(Array.from({ length: 30 }, (_, id) => add(tabs[id % 3] as SearchIndex, id)))
    for (const tab of tabs) {
      await expect.poll(async () => (await tab.stats()).documents).toBe(30)
      const hits = await tab.search(vector(Math.cos(7), Math.sin(7)), { topK: 100 })
      expect(hits).toHaveLength(30)
      expect(hits[0]?.id).toBe(7)
    }
    await tabs[0].remove([7])
    await expect.poll(async () => (await tabs[1].stats()).documents).toBe(29)
  })

  it('lose nothing when the worker of one is ended in the middle of its writes', async () => {
    const workers: Worker[] = []
    const worker = (): Worker => {
      const started = new Worker(new URL('../../dist/search-worker.js', import.meta.url), { type: 'module' })
      workers.push(started)
      return started
    }
    const [index, witness] = [await make({ store, worker }), await make({ store })]
    await add(index, 0)
    const done: number[] = [0]
    for (let round = 1; round <= 5; round++) {
      const embeddings = new Float32Array(2 * 20_000).fill(round)
      const documents = Array.from({ length: 20_000 }, (_, place) => ({ id: `${round} ${place}` }))
      const adding = codeOf(index.add(documents, { embeddings }))
      await new Promise((resolve) => setTimeout(resolve, round * 40))
      workers.at(-1)?.terminate()
      const code = await adding
      expect(['worker-crashed', 'done']).toContain(code)
      // All or nothing, for the index itself, which another worker takes over, and for others.
      const { documents: count } = await index.stats()
      const before = done.at(-1) as number
      expect([1 + before * 20_000, 1 + (before + 1) * 20_000]).toContain(count)
      if (code === 'done') expect(count).toBe(1 + (before + 1) * 20_000)
      done.push((count - 1) / 20_000)
      await expect.poll(async () => (await witness.stats()).documents).toBe(count)
    }
    expect(workers).toHaveLength(6)
    expect((await index.search(vector(1, 0), { topK: 1, filter: (_, id) => id === 0 }))[0]?.id).toBe(0)
  })

  it('tell each other of a change also when the worker that made it ends at once', async () => {
    // A worker that does nothing more once it has written.
    const hangOnceWritten = `import ${JSON.stringify(new URL('../../dist/search-worker.js', import.meta.url).href)}
      const begin = IDBDatabase.prototype.transaction
      IDBDatabase.prototype.transaction = function (...args) {
        const transaction = begin.apply(this, args)
        if (args[1] === 'readwrite') transaction.addEventListener('complete', () => { for (;;); })
        return transaction
      }`
    const script = URL.createObjectURL(new Blob([hangOnceWritten], { type: 'text/javascript' }))
    const worker = new Worker(script, { type: 'module' })
    const [index, witness] = [await make({ store, worker: () => worker }), await make({ store })]
    await add(witness, 0)
    expect((await index.stats()).documents).toBe(1)
    const adding = codeOf(add(index, 1))
    await expect.poll(async () => (await witness.stats()).documents).toBe(2)
    worker.terminate()
    expect(await adding).toBe('worker-crashed')
    URL.revokeObjectURL(script)
  })

  it('says that an index of memory alone is lost with its worker', async () => {
    let started: Worker | undefined
    const worker = (): Worker => {
      started = new Worker(new URL('../../dist/search-worker.js', import.meta.url), { type: 'module' })
      return started
    }
    const index = await make({ worker })
    await add(index, 1)
    started?.terminate()
    await expect.poll(() => codeOf(index.stats())).toBe('worker-crashed')
    expect(await codeOf(make({ worker: '/nowhere.js' }))).toBe('worker-crashed')
  })
})
