import 'fake-indexeddb/auto'
import { codeOf } from '@nestling/testing/outcome'
import { mulberry32 } from '@nestling/testing/mixtures'
import { searchKernels } from '@nestling/testing/search-kernels'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../store/open-database.js'
import type { DocumentId } from '../wire/document-id.js'
import type { DocumentPortion, Metadata, OpenRequest, SearchRequest } from '../wire/protocol.js'
import { OPEN_REQUEST, SEARCH_REQUEST } from '../../test/host-documents.js'
import { SearchHost } from './search-host.js'

const DIM = 8
const SPACE = { id: 'a', model: 'model A' }
const OTHER_SPACE = { id: 'b', model: 'model B' }

let kernels: WebAssembly.Module
beforeAll(async () => {
  kernels = await searchKernels()
}, 20_000)

let names = 0
let store: string
beforeEach(() => {
  store = `index ${++names}`
})

async function open(options: Partial<OpenRequest> = {}): Promise<SearchHost> {
  const host = new SearchHost(kernels)
  await host.open({ ...OPEN_REQUEST, ...options })
  return host
}

/** A unit vector that no other number has. */
function vectorOf(seed: number, dim = DIM): Float32Array<ArrayBuffer> {
  const random = mulberry32(seed)
  const values = Float32Array.from({ length: dim }, () => random() + random() - 1)
  const norm = Math.hypot(...values)
  return values.map((value) => value / norm)
}

interface Doc {
  readonly id: DocumentId
  readonly text?: string
  readonly metadata?: Metadata
  /** Seeds of its vectors. */
  readonly rows: readonly number[]
  readonly spans?: readonly number[]
}

function portionOf(documents: readonly Doc[], space: DocumentPortion['space'] = SPACE): DocumentPortion {
  const rows = documents.flatMap(({ rows }) => rows)
  const vectors = new Float32Array(rows.length * DIM)
  for (const [row, seed] of rows.entries()) vectors.set(vectorOf(seed), row * DIM)
  return {
    ids: documents.map(({ id }) => id),
    texts: documents.map(({ text }) => text ?? null),
    metadata: documents.map(({ metadata }) => metadata ?? null),
    rowCounts: Int32Array.from(documents, (document) => document.rows.length),
    spans: Int32Array.from(
      documents.flatMap(({ rows, spans, text }) => spans ?? rows.flatMap(() => [0, text?.length ?? 0])),
    ),
    vectors,
    dim: DIM,
    space,
  }
}

let changes = 0
async function add(host: SearchHost, documents: readonly Doc[], isUpdate = false, space = SPACE): Promise<void> {
  const change = ++changes
  await host.stage(change, portionOf(documents, space))
  await host.commit(change, isUpdate)
}

const doc = (id: number): Doc => ({ id, rows: [id] })

async function idsNear(host: SearchHost, seed: number, options: Partial<SearchRequest> = {}): Promise<DocumentId[]> {
  const { found } = await host.search({ ...SEARCH_REQUEST, vector: vectorOf(seed), space: SPACE, ...options })
  return found.map(({ id }) => id)
}

describe.each([
  ['memory', false],
  ['a store', true],
])('SearchHost in %s', (_, isStored) => {
  const options = (): Partial<OpenRequest> => (isStored ? { store } : {})

  it.each(['float32', 'int8'] as const)(
    'finds what was added, updated, and not what was removed (%s)',
    async (precision) => {
      const host = await open({ ...options(), precision })
      await add(host, [1, 2, 3, 4].map(doc))
      expect((await idsNear(host, 3))[0]).toBe(3)
      await add(host, [{ id: 3, rows: [30] }, doc(5)], true)
      expect((await idsNear(host, 30))[0]).toBe(3)
      expect(await idsNear(host, 3, { topK: 1, minScore: 0.999 })).toEqual([])
      expect(await host.remove(1, [3, 'unknown'])).toBe(1)
      expect((await idsNear(host, 30)).includes(3)).toBe(false)
      expect(await host.state()).toMatchObject({ documents: 4, rows: 4, dim: DIM, space: SPACE, precision })
    },
  )

  it('gives nothing of an empty index, and all of one that is smaller than topK', async () => {
    const host = await open(options())
    expect(await idsNear(host, 1)).toEqual([])
    expect(await host.search({ ...SEARCH_REQUEST, mode: 'hybrid', text: 'word', vector: vectorOf(1) })).toMatchObject({
      found: [],
    })
    await add(host, [doc(1), doc(2)])
    expect(await idsNear(host, 1, { topK: 1000 })).toHaveLength(2)
    expect(await host.remove(1, [1, 2])).toBe(2)
    expect(await idsNear(host, 1)).toEqual([])
    expect(await host.state()).toMatchObject({ documents: 0, rows: 0 })
  })

  it('refuses an id that is there, and adds none of the others', async () => {
    const host = await open(options())
    await add(host, [doc(1)])
    await expect(add(host, [doc(2), doc(1)])).rejects.toThrow(RangeError)
    expect(await host.state()).toMatchObject({ documents: 1 })
    await add(host, [doc(2)])
  })

  it('refuses vectors of another space and of another dim, and stays as it was', async () => {
    const host = await open(options())
    await add(host, [doc(1)])
    expect(await codeOf(add(host, [doc(2)], false, OTHER_SPACE))).toBe('space-mismatch')
    expect(await codeOf(idsNear(host, 1, { space: OTHER_SPACE }))).toBe('space-mismatch')
    expect(await codeOf(idsNear(host, 1, { vector: vectorOf(1, 16) }))).toBe('RangeError')
    expect(await codeOf(idsNear(host, 1, { vector: vectorOf(1).fill(NaN) }))).toBe('RangeError')
    expect(await idsNear(host, 1)).toEqual([1])
    await host.clear(1)
    await add(host, [doc(2)], false, OTHER_SPACE)
    expect(await idsNear(host, 2, { space: OTHER_SPACE })).toEqual([2])
  })

  it('finds a document by its best passage, once', async () => {
    const host = await open(options())
    const text = 'first part. second part. third part.'
    await add(host, [
      { id: 'long', text, rows: [1, 2, 3], spans: [0, 11, 12, 24, 25, 36] },
      { id: 'short', text: 'another', rows: [4] },
    ])
    const { found } = await host.search({ ...SEARCH_REQUEST, vector: vectorOf(2) })
    expect(found).toHaveLength(2)
    expect(found[0]).toMatchObject({ id: 'long', passage: { text: 'second part.', start: 12, end: 24 } })
    expect(found[0]?.score).toBeCloseTo(1, 6)
  })

  it('finds enough documents where one has most of the rows', async () => {
    const host = await open(options())
    // 100 equal rows of one document push all others from the first places.
    await add(host, [{ id: 'many', rows: Array.from({ length: 100 }, () => 7) }, doc(1), doc(2), doc(3)])
    const ids = await idsNear(host, 7, { topK: 3 })
    expect(ids[0]).toBe('many')
    expect(ids).toHaveLength(3)
  })

  it('keeps ids, texts and metadata exactly, from the first search to a file that is read', async () => {
    const metadata = JSON.parse(
      '{"__proto__":{"a":1},"constructor":-0.0,"":[[],{}],"lone":"\\ud800","deep":[[[[null,false,1e-320]]]]}',
    ) as Metadata
    const documents = [
      { id: '', text: 'lone \ud800 surrogate', rows: [1], metadata },
      { id: 1, text: '', rows: [2], metadata: {} },
      { id: '1', text: '__proto__', rows: [3] },
    ]
    const host = await open(options())
    await add(host, documents)
    const file = await host.exportFile()
    const read = await open()
    await read.importFile(1, file, false)
    for (const each of [host, read, await open(options())].slice(0, isStored ? 3 : 2)) {
      for (const { id, text, rows, metadata = null } of documents) {
        const { found } = await each.search({ ...SEARCH_REQUEST, vector: vectorOf(rows[0] as number), topK: 1 })
        expect(found[0]).toMatchObject({ id, metadata, passage: { text } })
        expect(Object.keys(found[0]?.metadata ?? {})).toEqual(Object.keys(metadata ?? {}))
      }
      expect(await idsNear(each, 1, { filter: { constructor: 0 } })).toEqual([''])
    }
  })

  it('says which document of an earlier version cannot be exported, and why', async () => {
    const host = await open(options())
    await add(host, [doc(1), { id: 'old', rows: [2], metadata: { seen: [1n] } as unknown as Metadata }])
    await expect(host.exportFile()).rejects.toThrow(TypeError)
    await expect(host.exportFile()).rejects.toThrow('metadata of the document "old".seen[0] must be what JSON can say')
    await add(host, [{ id: 'old', rows: [2], metadata: { seen: ['1'] } }], true)
    expect((await host.exportFile()).size).toBeGreaterThan(100)
  })

  it('filters by values, and by marks of the page as long as they are of this version', async () => {
    const host = await open(options())
    await add(host, [
      { id: 1, rows: [1], metadata: { language: 'de', year: 2020 } },
      { id: 2, rows: [2], metadata: { language: 'en', year: 2020 } },
      { id: 3, rows: [3] },
    ])
    expect(await idsNear(host, 2, { filter: { language: 'de' } })).toEqual([1])
    expect(await idsNear(host, 2, { filter: { language: 'en', year: 2021 } })).toEqual([])
    expect(await idsNear(host, 2, { filter: { constructor: 'x' } })).toEqual([])
    const { version, ids } = await host.metadata(0)
    const bytes = Uint8Array.from(ids, (id) => (id === 3 ? 1 : 0))
    expect(await idsNear(host, 2, { allowed: { version, bytes } })).toEqual([3])
    await host.remove(1, [1])
    const stale = await host.search({ ...SEARCH_REQUEST, vector: vectorOf(2), allowed: { version, bytes } })
    expect(stale).toEqual({ found: [], isStale: true })
  })

  it('finds words, also after changes, and both together', async () => {
    const host = await open(options())
    await add(host, [
      { id: 'wing', text: 'The wing of a glider', rows: [1] },
      { id: 'flow', text: 'Laminar flow', rows: [2] },
      { id: 'train', text: 'A slow train', rows: [3] },
    ])
    const words = { mode: 'keywords', text: 'glider train', vector: undefined } as const
    expect((await idsNear(host, 1, words)).sort()).toEqual(['train', 'wing'])
    await host.remove(1, ['wing'])
    await add(host, [{ id: 'new', text: 'Another glider', rows: [4] }])
    expect((await idsNear(host, 1, words)).sort()).toEqual(['new', 'train'])
    // By hand: "flow" is first of the vectors, "train" first of the words; whoever is high in both wins.
    const { found } = await host.search({
      ...SEARCH_REQUEST,
      mode: 'hybrid',
      fusion: { kind: 'ranks' },
      text: 'train',
      vector: vectorOf(3),
      space: SPACE,
    })
    expect(found[0]).toMatchObject({ id: 'train', passage: { text: 'A slow train' } })
    expect(found[0]?.score).toBeCloseTo(2 / 61, 12)
  })

  it.each(['float32', 'int8'] as const)('is the same after a way through a file (%s)', async (precision) => {
    const host = await open({ ...options(), precision })
    await add(host, [
      { id: 1, text: 'one', metadata: { tags: ['a'] }, rows: [1, 11], spans: [0, 1, 1, 3] },
      { id: '1', text: 'ünë', rows: [2] },
      doc(3),
    ])
    await host.remove(1, [3])
    const file = await host.exportFile()
    const copy = await open({ ...(isStored ? { store: `${store} copy` } : {}) })
    await add(copy, [doc(77)], false, OTHER_SPACE)
    await copy.importFile(1, file, false)
    for (const seed of [1, 11, 2]) {
      const search = { ...SEARCH_REQUEST, vector: vectorOf(seed), space: SPACE }
      expect(await copy.search(search)).toEqual(await host.search(search))
    }
    expect(await copy.state()).toMatchObject({ documents: 2, rows: 3, space: SPACE, precision })
    expect(new Uint8Array(await (await copy.exportFile()).arrayBuffer())).toEqual(
      new Uint8Array(await file.arrayBuffer()),
    )
  })

  it('refuses a file with any byte changed or missing, and stays as it was', async () => {
    const host = await open(options())
    await add(host, [1, 2, 3].map(doc))
    const bytes = new Uint8Array(await (await host.exportFile()).arrayBuffer())
    const random = mulberry32(5)
    const places = [
      0,
      8,
      12,
      16,
      bytes.length - 1,
      ...Array.from({ length: 30 }, () => Math.floor(random() * bytes.length)),
    ]
    for (const place of places) {
      const broken = bytes.slice()
      broken[place] = (broken[place] as number) ^ 1
      expect(await codeOf(host.importFile(1, new Blob([broken]), false)), `byte ${place}`).toBe('index-corrupt')
    }
    for (const length of [0, 5, 16, 100, bytes.length - 1]) {
      expect(await codeOf(host.importFile(1, new Blob([bytes.slice(0, length)]), false))).toBe('index-corrupt')
    }
    expect(await host.state()).toMatchObject({ documents: 3 })
    expect((await idsNear(host, 2))[0]).toBe(2)
  })

  it('compares all with all', async () => {
    const host = await open(options())
    await add(host, [
      { id: 'a', rows: [1, 2] },
      { id: 'b', rows: [1] },
      { id: 'c', rows: [3] },
    ])
    const { pairs } = await host.mine(1, { kind: 'paraphrase', maxPairs: undefined, topK: undefined }, () => undefined)
    expect(new Set(pairs[0]?.ids)).toEqual(new Set(['a', 'b']))
    expect(pairs[0]?.score).toBeCloseTo(1, 6)
    // Three documents are three pairs, however many rows they have.
    expect(pairs).toHaveLength(3)
    // Also where one is asked for: the two rows of a are nearer to each other than two documents are.
    const one = await host.mine(3, { kind: 'paraphrase', maxPairs: 1, topK: undefined }, () => undefined)
    expect(one.pairs).toEqual([pairs[0]])
    const request = { kind: 'community', threshold: 0.99, minCommunitySize: 2 } as const
    const { communities } = await host.mine(2, request, () => undefined)
    expect(communities.map((ids) => [...ids].sort())).toEqual([['a', 'b']])
  })

  it('refuses components that are no finite numbers', async () => {
    const host = await open(options())
    const portion = portionOf([doc(1)])
    portion.vectors[3] = NaN
    await expect(host.stage(1, portion)).rejects.toThrow(RangeError)
    expect(await host.state()).toMatchObject({ documents: 0 })
  })
})

describe('SearchHost and its store', () => {
  it('is the same after it was closed', async () => {
    const host = await open({ store, precision: 'int8' })
    await add(host, [{ id: 1, text: 'one word', metadata: { a: 1 }, rows: [1] }, doc(2)])
    await host.remove(1, [2])
    await add(host, [{ id: 1, text: 'another word', rows: [3, 4], spans: [0, 7, 8, 12] }], true)
    const search = { ...SEARCH_REQUEST, vector: vectorOf(4) }
    const before = await host.search(search)
    await host.dispose()
    const again = await open({ store })
    expect(await again.search(search)).toEqual(before)
    expect(await again.state()).toMatchObject({
      documents: 1,
      rows: 2,
      space: SPACE,
      precision: 'int8',
      storage: 'indexeddb',
    })
  })

  it('refuses to be opened as another index', async () => {
    const host = await open({ store, precision: 'int8' })
    await add(host, [doc(1)])
    expect(await codeOf(open({ store, dim: 16 }))).toBe('RangeError')
    expect(await codeOf(open({ store, precision: 'float32' }))).toBe('TypeError')
    expect(await codeOf(open({ store, similarity: 'dot' }))).toBe('TypeError')
    expect(await codeOf(open({ store, dim: DIM, precision: 'int8', similarity: 'cosine' }))).toBe('done')
  })

  it('gives the first calls the whole index, also those that come while it is read', async () => {
    await add(await open({ store }), [1, 2, 3].map(doc))
    const host = await open({ store })
    const [near, { documents }, known, file] = await Promise.all([
      idsNear(host, 2, { topK: 1 }),
      host.state(),
      host.known([1, 9]),
      host.exportFile(),
    ])
    expect({ near, documents, known }).toEqual({ near: [2], documents: 3, known: [1] })
    const copy = await open()
    await copy.importFile(1, file, false)
    expect((await copy.state()).documents).toBe(3)
  })

  it('sees what another tab changes, and joins its changes with its own', async () => {
    const [one, two] = [await open({ store }), await open({ store })]
    await add(one, [doc(1), doc(2)])
    await expect.poll(() => idsNear(two, 1)).toContain(1)
    await Promise.all([
      add(one, [doc(3)]),
      add(two, [doc(4)]),
      one.remove(1, [1]),
      add(two, [{ id: 2, rows: [20] }], true),
    ])
    for (const host of [one, two]) {
      await expect.poll(async () => (await idsNear(host, 20)).sort()).toEqual([2, 3, 4])
      expect((await idsNear(host, 20))[0]).toBe(2)
    }
  })

  it('lets one of two tabs add an id', async () => {
    const [one, two] = [await open({ store }), await open({ store })]
    const codes = await Promise.all([codeOf(add(one, [doc(1)])), codeOf(add(two, [doc(1)]))])
    expect(codes.sort()).toEqual(['RangeError', 'done'])
    await expect.poll(async () => (await two.state()).documents).toBe(1)
  })

  it('follows another tab that replaces the index by one of another model', async () => {
    const [one, two] = [await open({ store }), await open({ store })]
    await add(one, [1, 2, 3].map(doc))
    await expect.poll(() => idsNear(two, 1)).toHaveLength(3)
    await two.clear(1)
    await add(two, [doc(9)], false, OTHER_SPACE)
    await expect.poll(() => codeOf(idsNear(one, 9))).toBe('space-mismatch')
    expect(await idsNear(one, 9, { space: OTHER_SPACE })).toEqual([9])
  })

  it('stays the same through many small changes, and keeps few records of them', async () => {
    const [host, other] = [await open({ store }), await open({ store })]
    const random = mulberry32(3)
    const known = new Map<number, number>()
    for (let change = 0; change < 120; change++) {
      const id = Math.floor(random() * 40)
      if (known.has(id) && random() < 0.4) {
        await host.remove(1, [id])
        known.delete(id)
      } else {
        const seed = 1000 + change
        await add(host, [{ id, rows: [seed] }], true)
        known.set(id, seed)
      }
      // Half way, the other tab reads something that is merged later.
      if (change === 50 || change === 57) await other.state()
    }
    const again = await open({ store })
    for (const reader of [host, other, again]) {
      await expect.poll(async () => (await reader.state()).documents).toBe(known.size)
      for (const [id, seed] of known) expect((await idsNear(reader, seed))[0]).toBe(id)
    }
    const database = await openDatabase()
    const keys = await database.getAllKeys('segments', IDBKeyRange.bound([store], [store, Infinity]))
    expect(keys.length).toBeLessThan(32)
    database.close()
  })

  it('rewrites what is mostly gone', async () => {
    const host = await open({ store })
    for (let round = 0; round < 4; round++) {
      await add(
        host,
        Array.from({ length: 600 }, (_, id) => ({ id, rows: [id + 1 + round] })),
        true,
      )
    }
    const database = await openDatabase()
    const head = await database.get('indexes', store)
    expect(head?.storedRows).toBeLessThanOrEqual(2 * 600 + 1024)
    database.close()
    expect(await (await open({ store })).state()).toMatchObject({ documents: 600 })
  })

  it('leaves what is stored as it was where a change is not written whole', async () => {
    const host = await open({ store })
    await add(host, [doc(1)])
    // A value that cannot be cloned ends the transaction after its first records.
    const broken = { ...portionOf([doc(2)]), metadata: [{ a: (() => 1) as unknown as string }] }
    await host.stage(500, portionOf([doc(3)]))
    await host.stage(500, broken)
    expect(await codeOf(host.commit(500, false))).toBe('store-unavailable')
    expect(await idsNear(host, 1)).toEqual([1])
    expect(await (await open({ store })).state()).toMatchObject({ documents: 1 })
    await add(host, [doc(3)])
    expect(await (await open({ store })).state()).toMatchObject({ documents: 2 })
  })

  it('refuses a store whose records are not whole, and can be cleared then', async () => {
    const host = await open({ store })
    await add(host, [doc(1)])
    await host.dispose()
    const database = await openDatabase()
    const [key] = await database.getAllKeys('segments', IDBKeyRange.bound([store], [store, Infinity]))
    const segment = await database.get('segments', key as never)
    await database.put('segments', { ...segment, vectors: new Float32Array(3) } as never, key)
    database.close()
    const again = await open({ store })
    expect(await codeOf(again.state())).toBe('index-corrupt')
    expect(await codeOf(idsNear(again, 1))).toBe('index-corrupt')
    await again.clear(1)
    expect(await again.state()).toMatchObject({ documents: 0 })
    await add(again, [doc(2)])
    expect(await (await open({ store })).state()).toMatchObject({ documents: 1 })
  })
})
