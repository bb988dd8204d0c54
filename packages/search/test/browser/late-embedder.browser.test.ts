import { createIndex, type CreateIndexOptions, type SearchEmbedder, type SearchIndex } from '@nestling/search'
import { codeOf } from '@nestling/testing/outcome'
import { Embeddings, type EmbeddingSpace } from 'nestling'
import { afterEach, describe, expect, it } from 'vitest'

const SPACE = { id: 'a', model: 'model A' }

/** What each word adds to the vector of a text. */
const WORDS: Readonly<Record<string, readonly [number, number, number]>> = {
  cat: [3, 0, 0],
  pet: [2, 1, 0],
  train: [0, 4, 0],
  piano: [0, 0, 5],
}

interface CountingEmbedder extends SearchEmbedder {
  /** Texts that it was given. */
  readonly encoded: string[]
}

/** An embedder of nobody's making but ours: three components, and no model to load. */
function embedderOf(facts: Partial<SearchEmbedder> = {}, space: EmbeddingSpace = SPACE): CountingEmbedder {
  const encoded: string[] = []
  const vectorOf = (text: string): number[] => {
    encoded.push(text)
    const vectors = text.split(' ').map((word) => WORDS[word] ?? [0, 0, 0])
    return [0, 1, 2].map((place) => vectors.reduce((sum, vector) => sum + (vector[place] as number), 0))
  }
  return {
    encoded,
    dim: 3,
    nestedDims: undefined,
    similarityFunction: 'cosine',
    prompts: {},
    space,
    encodeQuery: (text) => Promise.resolve(Embeddings.from(vectorOf(text), space)),
    encodeDocument: (texts) => Promise.resolve(Embeddings.from(texts.map(vectorOf), space)),
    chunk: (texts) =>
      Promise.resolve(texts.map((text) => [{ text, start: 0, end: text.length, tokenCount: text.split(' ').length }])),
    ...facts,
  }
}

const DOCUMENTS = ['a cat sleeps', 'the train is late', 'she plays the piano', 'a pet cat'].map((text, id) => ({
  id,
  text,
}))

let indexes: SearchIndex[] = []
afterEach(async () => {
  await Promise.all(indexes.map((index) => index.dispose()))
  indexes = []
})

async function make(options: CreateIndexOptions): Promise<SearchIndex> {
  const index = await createIndex(options)
  indexes.push(index)
  return index
}

/** The name of an index that has the documents above. */
async function storedIndex(options: CreateIndexOptions = {}): Promise<string> {
  const store = `late ${crypto.randomUUID()}`
  const index = await make({ embedder: embedderOf(), store, ...options })
  await index.add(DOCUMENTS)
  await index.dispose()
  return store
}

function laterEmbedder(): { promise: Promise<SearchEmbedder>; resolve: (embedder: SearchEmbedder) => void } {
  let resolve: (embedder: SearchEmbedder) => void = () => undefined
  const promise = new Promise<SearchEmbedder>((settle) => (resolve = settle))
  return {
    promise,
    resolve: (embedder) => {
      resolve(embedder)
    },
  }
}

const never = new Promise<SearchEmbedder>(() => undefined)

describe('an embedder that comes later', () => {
  it('lets words be searched before, by keywords and hybrid, and finds the same as one that is there once it is', async () => {
    const store = await storedIndex()
    const { promise, resolve } = laterEmbedder()
    const index = await make({ embedder: promise, store })
    const ids = async (mode: 'keywords' | 'hybrid'): Promise<unknown[]> =>
      (await index.search('cat', { mode })).map(({ id }) => id)
    expect((await ids('keywords')).sort()).toEqual([0, 3])
    expect(await ids('hybrid')).toEqual(await ids('keywords'))
    expect((await index.search('piano', { mode: 'hybrid' })).map(({ id, passage }) => [id, passage?.text])).toEqual([
      [2, 'she plays the piano'],
    ])
    const early = index.search('pet')
    resolve(embedderOf())
    // From here on as if it had been there all the time, also in the very call that follows.
    const ready = await make({ embedder: embedderOf(), store })
    for (const mode of ['vectors', 'hybrid', 'keywords'] as const) {
      expect(await index.search('pet', { mode })).toEqual(await ready.search('pet', { mode }))
    }
    expect(await index.search('pet', { mode: 'hybrid' })).toHaveLength(4)
    expect(await early).toEqual(await ready.search('pet'))
  })

  it('is waited for by documents that it is to encode, not by those that bring their vectors', async () => {
    const { promise, resolve } = laterEmbedder()
    const index = await make({ embedder: promise })
    await index.add([{ id: 'ready', embedding: Float32Array.of(0, 0, 1) }])
    const adding = index.add(DOCUMENTS)
    expect((await index.stats()).documents).toBe(1)
    resolve(embedderOf())
    await adding
    expect((await index.stats()).documents).toBe(5)
  })

  it('leaves a call when its signal aborts, or the index is disposed of', async () => {
    const index = await make({ embedder: never })
    const reason = new Error('enough')
    const controller = new AbortController()
    const { signal } = controller
    const aborted = [codeOf(index.add(DOCUMENTS, { signal })), codeOf(index.search('cat', { signal }))]
    const disposed = [codeOf(index.add(DOCUMENTS)), codeOf(index.search('cat'))]
    // Both wait by then: what comes after them has been answered.
    await index.stats()
    controller.abort(reason)
    expect(await Promise.all(aborted)).toEqual(['Error', 'Error'])
    await index.dispose()
    expect(await Promise.all(disposed)).toEqual(['disposed', 'disposed'])
  })

  it('that fails leaves the words, and says why where it is needed', async () => {
    const store = await storedIndex()
    const reason = new Error('no network')
    const unhandled: unknown[] = []
    const note = (event: PromiseRejectionEvent): unknown => unhandled.push(event.reason)
    addEventListener('unhandledrejection', note)
    const index = await make({ embedder: Promise.reject(reason), store })
    await expect(index.search('cat')).rejects.toBe(reason)
    await expect(index.add([{ id: 9, text: 'a dog' }])).rejects.toBe(reason)
    expect(await index.search('cat', { mode: 'keywords' })).toHaveLength(2)
    expect(await index.search('cat', { mode: 'hybrid' })).toHaveLength(2)
    expect(await index.search(Float32Array.of(0, 0, 1), { topK: 1 })).toMatchObject([{ id: 2 }])
    await new Promise((resolve) => setTimeout(resolve, 50))
    removeEventListener('unhandledrejection', note)
    expect(unhandled).toEqual([])
  })

  it('says how its vectors are compared, and that it gives too few components or is none', async () => {
    const index = await make({ embedder: Promise.resolve(embedderOf({ similarityFunction: 'dot' })) })
    await index.add(DOCUMENTS)
    // 2 * 3 + 1 * 0 for the cat alone, 2 * 5 + 1 * 1 with the pet.
    expect((await index.search('pet')).slice(0, 2)).toMatchObject([
      { id: 3, score: 11 },
      { id: 0, score: 6 },
    ])
    const short = await make({ embedder: Promise.resolve(embedderOf()), dim: 4 })
    expect(await codeOf(short.search('cat'))).toBe('RangeError')
    const none = await make({ embedder: Promise.resolve(undefined as unknown as SearchEmbedder) })
    expect(await codeOf(none.search('cat'))).toBe('TypeError')
    expect(await codeOf(make({ embedder: 'a model' as unknown as SearchEmbedder }))).toBe('TypeError')
  })

  it('stays known where another worker takes the index over', async () => {
    const workers: Worker[] = []
    const worker = (): Worker => {
      const started = new Worker(new URL('../../dist/search-worker.js', import.meta.url), { type: 'module' })
      workers.push(started)
      return started
    }
    const store = `late ${crypto.randomUUID()}`
    const embedder = Promise.resolve(embedderOf({ similarityFunction: 'dot' }))
    const index = await make({ embedder, store, worker })
    expect(await index.search('pet')).toEqual([])
    workers[0]?.terminate()
    await index.add(DOCUMENTS)
    expect(workers).toHaveLength(2)
    expect((await index.search('pet', { topK: 1 }))[0]?.score).toBe(11)
  })
})

describe('an index of another model of the same dim', () => {
  const OTHER = { id: 'b', model: 'model B' }

  it('says so when it is made, naming both, and is emptied without an embedder', async () => {
    const store = await storedIndex()
    const other = embedderOf({}, OTHER)
    const refused = createIndex({ embedder: other, store })
    await expect(refused).rejects.toMatchObject({ code: 'space-mismatch', details: { index: 'a', vectors: 'b' } })
    await expect(refused).rejects.toThrow(/model B.*model A/)
    expect(other.encoded).toEqual([])
    const empty = await make({ store })
    await empty.clear()
    const index = await make({ embedder: other, store })
    await index.add(DOCUMENTS)
    expect(await index.search('pet', { topK: 1 })).toMatchObject([{ id: 3 }])
  })

  it('says so at the first call that needs an embedder that came later, and can be emptied then', async () => {
    const store = await storedIndex()
    const other = embedderOf({}, OTHER)
    const index = await make({ embedder: Promise.resolve(other), store })
    expect(await codeOf(index.search('cat'))).toBe('space-mismatch')
    expect(await codeOf(index.add([{ id: 9, text: 'a dog' }]))).toBe('space-mismatch')
    expect(other.encoded).toEqual([])
    expect(await index.search('cat', { mode: 'keywords' })).toHaveLength(2)
    await index.clear()
    await index.add(DOCUMENTS)
    expect(await index.search('pet', { topK: 1 })).toMatchObject([{ id: 3 }])
  })

  it('is made as before where no document is left, or nobody said', async () => {
    const store = await storedIndex()
    const index = await make({ store })
    await index.remove(DOCUMENTS.map(({ id }) => id))
    const other = embedderOf({}, OTHER)
    await (await make({ embedder: other, store })).add(DOCUMENTS)
    const silent = await make({ embedder: embedderOf({ space: undefined }, OTHER), store })
    expect(await silent.search('pet', { topK: 1 })).toMatchObject([{ id: 3 }])
  })
})
