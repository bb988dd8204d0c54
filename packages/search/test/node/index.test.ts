import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Worker as Thread } from 'node:worker_threads'
import {
  createIndex,
  paraphraseMining,
  semanticSearch,
  type CreateIndexOptions,
  type SearchIndex,
} from '@nestling/search'
import { fixturePath } from '@nestling/testing/disk'
import { EmbedderError, load, type Embedder } from 'nestling'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

// Threads start, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const cache = mkdtempSync(join(tmpdir(), 'nestling-search-node-'))
process.env['NESTLING_CACHE'] = cache

let embedder: Embedder
beforeAll(async () => {
  embedder = await load(fixturePath('bert-mean-normalize', '').replace(/\/$/, ''), { workers: 1 })
})

/** Threads that were started. */
let threads: Thread[] = []
const onThread = (thread: Thread): number => threads.push(thread)
process.on('worker', onThread)

const indexes: SearchIndex[] = []

async function start(options?: CreateIndexOptions): Promise<SearchIndex> {
  const index = await createIndex(options)
  indexes.push(index)
  return index
}

beforeEach(() => {
  threads = []
})
afterEach(async () => {
  await Promise.all(indexes.splice(0).map((index) => index.dispose()))
})
afterAll(async () => {
  process.off('worker', onThread)
  await embedder.dispose()
  rmSync(cache, { recursive: true, force: true })
})

async function failure(call: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  if (!(error instanceof Error)) throw new Error('It did not fail')
  return error
}

const DOCUMENTS = [
  { id: 1, text: 'The swallows are back. They nest under the roof.', metadata: { kind: 'birds' } },
  { id: 2, text: 'Tax is due in May.', metadata: { kind: 'money' } },
  { id: 'x', text: 'A blackbird sings.', metadata: { kind: 'birds' } },
]

describe('an index with an embedder', () => {
  it.each([
    ['memory', undefined],
    ['files', 'with-embedder'],
  ])('in %s is searched by vectors, by words and by both', async (storage, store) => {
    const index = await start({ embedder, store })
    await index.add(DOCUMENTS)
    const query = 'Tax is due in May.'
    const vector = await embedder.encodeQuery(query)
    const rows = await embedder.encodeDocument(DOCUMENTS.map(({ text }) => text))
    const scores = (await embedder.similarity(vector, rows)).data
    const hits = await index.search(query)
    expect(hits.map(({ score }) => score)).toEqual(
      [...scores].sort((a, b) => b - a).map((score) => expect.closeTo(score, 5) as number),
    )
    expect(hits[0]).toMatchObject({ id: 2, metadata: { kind: 'money' }, passage: { text: query } })
    const words = await index.search('swallow', { mode: 'keywords', explain: true })
    expect(words).toMatchObject([{ id: 1, matches: { words: [{ field: 'text', start: 4, end: 12 }] } }])
    const both = await index.search('swallows', { mode: 'hybrid', filter: { kind: 'birds' }, explain: true })
    expect(both.map(({ id }) => id).sort()).toEqual([1, 'x'])
    expect(both.find(({ id }) => id === 1)?.matches?.sentence?.text).toMatch(/^The|^They/)
    expect(await index.stats()).toMatchObject({ documents: 3, dim: 32, storage, space: embedder.space })
    expect((await index.facets(['kind'])).kind).toEqual(
      new Map([
        ['birds', 2],
        ['money', 1],
      ]),
    )
    expect(await index.paraphraseMining()).toHaveLength(3)
  })

  it("is another model's where that is stored", async () => {
    const index = await start({ embedder, store: 'spaces' })
    await index.add(DOCUMENTS)
    const other = { ...embedderLike(), space: { id: 'other', model: 'other' } }
    const error = await failure(createIndex({ embedder: other as never, store: 'spaces' }))
    expect(error).toBeInstanceOf(EmbedderError)
    expect(error.code).toBe('space-mismatch')
  })
})

function embedderLike(): object {
  const fail = (): Promise<never> => Promise.reject(new Error('not asked'))
  return { encodeQuery: fail, encodeDocument: fail, chunk: fail, dim: 32, similarityFunction: 'cosine' }
}

describe('a stored index', () => {
  it('is opened again, by its name or its folder', async () => {
    for (const store of ['again', join(cache, 'a folder/of mine')]) {
      const first = await start({ embedder, store })
      await first.add(DOCUMENTS)
      const hits = await first.search('birds')
      await first.dispose()
      const second = await start({ embedder, store })
      expect(await second.search('birds')).toEqual(hits)
      await second.remove([1])
      expect((await second.stats()).documents).toBe(2)
    }
  })

  it('has the changes of another one of this process at once', async () => {
    const [a, b] = [await start({ store: 'two' }), await start({ store: 'two' })]
    await a.add([{ id: 1, embedding: Float32Array.of(1, 0) }])
    expect(await b.has(1)).toBe(true)
    await b.clear()
    expect(await a.ids()).toEqual([])
  })

  it('goes on with another thread where one ended; in memory that is an error', async () => {
    const stored = await start({ store: 'crash' })
    await stored.add([{ id: 1, embedding: Float32Array.of(1, 0) }])
    await threads[0]?.terminate()
    expect(await stored.has(1)).toBe(true)
    expect(threads).toHaveLength(2)
    const memory = await start()
    await memory.add([{ id: 1, embedding: Float32Array.of(1, 0) }])
    await threads[2]?.terminate()
    const error = await failure(memory.has(1))
    expect(error.code).toBe('worker-crashed')
  })

  it('is a typed error where its folder cannot be used', async () => {
    const file = join(cache, 'a-file')
    writeFileSync(file, '')
    const error = await failure(createIndex({ store: join(file, 'index') }))
    expect(error).toBeInstanceOf(EmbedderError)
    expect(error).toMatchObject({ code: 'store-unavailable', details: { reason: 'ENOTDIR' } })
    expect(error.message).toContain('NESTLING_CACHE')
  })
})

describe('the file of an index', () => {
  it('is written and read as bytes, as a blob and as a blob of the disk', async () => {
    const index = await start({ embedder })
    await index.add(DOCUMENTS)
    const file = await index.export()
    await index.dispose()
    const path = join(cache, 'notes.index')
    await writeFile(path, file.stream())
    const bytes = await readFile(path)
    for (const given of [file, bytes, await openAsBlob(path)]) {
      const other = await start({ embedder })
      await other.import(given)
      expect(await other.search('birds')).toHaveLength(3)
      expect(Buffer.from(await (await other.export()).arrayBuffer())).toEqual(bytes)
    }
    const error = await failure((await start()).import(bytes.subarray(0, -1)))
    expect(error.code).toBe('index-corrupt')
  })
})

describe('a call', () => {
  it('ends with the index, and so does its thread', async () => {
    const index = await start()
    const ended = new Promise((resolve) => threads[0]?.once('exit', resolve))
    const call = failure(index.stats())
    await index.dispose()
    expect((await call).code).toBe('disposed')
    await ended
    expect((await failure(index.stats())).code).toBe('disposed')
  })

  it('ends with its signal', async () => {
    const index = await start()
    const controller = new AbortController()
    const documents = Array.from({ length: 5000 }, (_, id) => ({ id }))
    const embeddings = Float32Array.from({ length: 5000 * 8 }, (_, place) => Math.sin(place))
    await index.add(documents, { embeddings })
    const reason = new Error('enough')
    const onProgress = (): void => {
      controller.abort(reason)
    }
    expect(await failure(index.paraphraseMining({ signal: controller.signal, onProgress }))).toBe(reason)
  })
})

it('says that worker is for pages', async () => {
  const error = await failure(createIndex({ worker: '/search-worker.js' }))
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message).toContain('worker is for pages')
})

it('has the functions that need no index', async () => {
  const rows = await embedder.encode(['a bird', 'a bird', 'tax'])
  const [hits] = await semanticSearch(rows, rows, { topK: 2 })
  expect(hits?.[0]).toMatchObject({ corpusId: 0, score: expect.closeTo(1, 5) as number })
  const [pair] = await paraphraseMining(embedder, ['a bird', 'tax', 'a bird'])
  expect(pair).toMatchObject({ i: 0, j: 2 })
})
