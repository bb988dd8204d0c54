import 'fake-indexeddb/auto'
import { codeOf } from '@nestling/testing/outcome'
import { searchKernels } from '@nestling/testing/search-kernels'
import { beforeAll, describe, expect, it } from 'vitest'
import { addToHost, openHost, SEARCH_REQUEST, portionOf, type HostDocument } from '../../test/host-documents.js'
import { openDatabase } from '../store/open-database.js'
import type { DocumentId } from '../wire/document-id.js'
import type { CommitAnswer, GivenDocuments } from '../wire/protocol.js'
import type { SearchHost } from './search-host.js'

const SPACE = { id: 'a', model: 'model A' }
const DOCUMENTS: readonly HostDocument[] = [
  { id: 1, text: 'one', metadata: { tags: ['a'], year: 1 } },
  { id: 2, text: 'two', metadata: { year: 2 } },
  { id: 3, text: 'three' },
]

// They are compiled once, which takes a while.
beforeAll(() => searchKernels(), 20_000)

let stores = 0
let changes = 1000

/** Asks which must be encoded, as the page does; gives their ids. */
async function compare(
  host: SearchHost,
  documents: readonly HostDocument[],
  encoding?: string,
  change = ++changes,
): Promise<DocumentId[]> {
  const { ids, texts, metadata } = portionOf(documents)
  const given: GivenDocuments = {
    ids,
    texts,
    metadata,
    encodings: encoding === undefined ? undefined : ids.map(() => encoding),
  }
  const marks = await host.compare(change, given)
  return ids.filter((_, index) => marks[index] === 1)
}

/** Updates by texts, as the page does; what must be encoded gets other vectors. Gives what was encoded, and the counts. */
async function update(
  host: SearchHost,
  documents: readonly HostDocument[],
  encoding?: string,
): Promise<{ readonly encoded: DocumentId[]; readonly answer: CommitAnswer }> {
  const change = ++changes
  const encoded = await compare(host, documents, encoding, change)
  const some = documents.filter(({ id }) => encoded.includes(id)).map((document) => ({ ...document, angle: 2 }))
  const encodings = encoding === undefined ? undefined : some.map(() => encoding)
  if (some.length > 0) await host.stage(change, { ...portionOf(some, SPACE), encodings })
  return { encoded, answer: await host.commit(change, true) }
}

/** Updates by vectors that the caller brought. */
async function updateReady(host: SearchHost, documents: readonly HostDocument[]): Promise<CommitAnswer> {
  const change = ++changes
  await host.stage(change, portionOf(documents, SPACE))
  return host.commit(change, true)
}

const counts = (added: number, updated: number, unchanged: number): CommitAnswer => {
  return { added, updated, unchanged, stale: [] }
}

/** Everything that a store has of an index. */
async function recordsOf(store: string): Promise<unknown> {
  const database = await openDatabase()
  const range = IDBKeyRange.bound([store], [store, Infinity])
  const records = { keys: await database.getAllKeys('segments', range), head: await database.get('indexes', store) }
  database.close()
  return records
}

describe.each([
  ['memory', 'float32', false],
  ['a store', 'float32', true],
  ['a store', 'int8', true],
  ['a store', 'binary', true],
] as const)('an update in %s (%s)', (_, precision, isStored) => {
  const open = (): Promise<SearchHost> => openHost({ precision, store: isStored ? `update ${++stores}` : undefined })

  it('encodes and writes nothing where nothing changed', async () => {
    const host = await open()
    await addToHost(host, DOCUMENTS, SPACE)
    const { version } = await host.state()
    const before = await recordsOf(`update ${stores}`)
    expect(await update(host, DOCUMENTS)).toEqual({ encoded: [], answer: counts(0, 0, 3) })
    expect(await updateReady(host, DOCUMENTS)).toEqual(counts(0, 0, 3))
    expect((await host.state()).version).toBe(version)
    expect(await recordsOf(`update ${stores}`)).toEqual(before)
  })

  it('writes metadata that changed, with the vectors that are there', async () => {
    const host = await open()
    await addToHost(host, DOCUMENTS, SPACE)
    const [first, second, third] = DOCUMENTS as readonly [HostDocument, HostDocument, HostDocument]
    // By hand: another value, other members in another order, none where there were some.
    const changed = [{ ...first, metadata: { year: 1, tags: ['a'] } }, { id: 2, text: 'two' }, third]
    const search = { ...SEARCH_REQUEST, vector: Float32Array.of(Math.cos(2), Math.sin(2)), space: SPACE, topK: 3 }
    const scores = (await host.search(search)).found.map(({ id, score }) => [id, score])
    expect(await update(host, changed)).toEqual({ encoded: [], answer: counts(0, 2, 1) })
    expect((await host.search(search)).found.map(({ id, score }) => [id, score])).toEqual(scores)
    const [one, two] = await host.read([1, 2])
    expect([JSON.stringify(one?.metadata), two?.metadata]).toEqual(['{"year":1,"tags":["a"]}', null])
    expect(await updateReady(host, [{ ...second, metadata: { year: 3 } }])).toEqual(counts(0, 1, 0))
    expect((await host.read([2]))[0]?.metadata).toEqual({ year: 3 })
    if (!isStored) return
    const again = await openHost({ store: `update ${stores}` })
    expect(await again.read([1, 2, 3])).toEqual(await host.read([1, 2, 3]))
    expect((await again.search(search)).found.map(({ id, score }) => [id, score])).toEqual(scores)
  })

  it('encodes what is new and what has another text, in one change', async () => {
    const host = await open()
    await addToHost(host, DOCUMENTS, SPACE)
    const { version } = await host.state()
    const given = [...DOCUMENTS.slice(0, 2), { id: 3, text: 'another' }, { id: 4, text: 'four' }, { id: 3.5 }]
    const { encoded, answer } = await update(host, given)
    expect({ encoded, answer }).toEqual({ encoded: [3, 4, 3.5], answer: counts(2, 1, 2) })
    expect((await host.state()).version).toBe(version + 1)
    expect((await host.read([3]))[0]?.text).toBe('another')
  })

  it('tells vectors that are others by one component, and takes over those alone', async () => {
    const host = await open()
    await addToHost(host, DOCUMENTS, SPACE)
    expect(
      await updateReady(host, [
        { id: 1, text: 'one', metadata: { tags: ['a'], year: 1 }, angle: 1.1 },
        ...DOCUMENTS.slice(1),
      ]),
    ).toEqual(counts(0, 1, 2))
    const vector = Float32Array.of(Math.cos(1.1), Math.sin(1.1))
    // A sign each leaves (cos + sin) / sqrt(2) of the cosine: 0.951.
    const minScore = precision === 'binary' ? 0.95 : 0.9999
    const found = await host.search({ ...SEARCH_REQUEST, vector, space: SPACE, topK: 1, minScore })
    expect(found.found.map(({ id }) => id)).toEqual([1])
    expect((await host.state()).rows).toBe(3)
  })

  it('encodes again what was encoded in another way, and not what nobody knows of', async () => {
    const host = await open()
    await addToHost(host, [{ id: 1, text: 'one' }], SPACE)
    expect(await compare(host, [{ id: 1, text: 'one' }], 'by 128')).toEqual([])
    const two = { id: 2, text: 'two' }
    expect((await update(host, [two], 'by 128')).answer).toEqual(counts(1, 0, 0))
    const hosts = isStored ? [host, await openHost({ store: `update ${stores}` })] : [host]
    for (const each of hosts) {
      expect(await compare(each, [two], 'by 128')).toEqual([])
      expect(await compare(each, [two], 'by 64')).toEqual([2])
      expect(await compare(each, [two])).toEqual([])
      expect(await compare(each, [{ id: 2 }], 'by 128')).toEqual([2])
    }
    expect((await update(host, [two], 'by 64')).answer).toEqual(counts(0, 1, 0))
    expect(await compare(host, [two], 'by 64')).toEqual([])
    // Vectors that the caller brings are neither.
    const change = ++changes
    await host.stage(change, { ...portionOf([two], SPACE), encodings: [''] })
    await host.commit(change, true)
    expect(await compare(host, [two], 'by 64')).toEqual([2])
  })

  it('makes no change by what is no longer as it was, and names it', async () => {
    const host = await open()
    await addToHost(host, DOCUMENTS, SPACE)
    const change = ++changes
    const wanted = DOCUMENTS.map((document) => ({ ...document, metadata: { year: 9 } }))
    expect(await compare(host, wanted, undefined, change)).toEqual([])
    await host.remove(++changes, [1])
    await updateReady(host, [{ id: 2, text: 'another text' }])
    const { version } = await host.state()
    expect(await host.commit(change, true)).toEqual({ ...counts(0, 0, 0), stale: [1, 2] })
    expect((await host.state()).version).toBe(version)
    await host.stage(change, portionOf(wanted.slice(0, 2), SPACE))
    expect(await host.commit(change, true)).toEqual(counts(1, 2, 0))
    const read = await host.read([1, 2, 3])
    expect(read.map((document) => [document?.text, document?.metadata])).toEqual(
      ['one', 'two', 'three'].map((text) => [text, { year: 9 }]),
    )
  })

  it('refuses vectors of another model and dim also where they are equal', async () => {
    const host = await open()
    await addToHost(host, DOCUMENTS, SPACE)
    const change = ++changes
    await host.stage(change, portionOf(DOCUMENTS, { id: 'b', model: 'model B' }))
    expect(await codeOf(host.commit(change, true))).toBe('space-mismatch')
    const wide = { ...portionOf(DOCUMENTS.slice(0, 1), SPACE), dim: 4 }
    await host.stage(change + 1000, { ...wide, vectors: Float32Array.of(Math.cos(1), Math.sin(1), 0, 0) })
    expect(await codeOf(host.commit(change + 1000, true))).toBe('RangeError')
  })
})

describe('an update of a stored index', () => {
  it('knows documents that an earlier version stored', async () => {
    const store = `update ${++stores}`
    const host = await openHost({ store })
    await addToHost(host, DOCUMENTS, SPACE)
    await host.dispose()
    const database = await openDatabase()
    const [key] = await database.getAllKeys('segments', IDBKeyRange.bound([store], [store, Infinity]))
    const segment = await database.get('segments', key as never)
    const { digests, ...old } = segment as NonNullable<typeof segment>
    expect(digests).toHaveLength(3)
    await database.put('segments', old, key)
    database.close()
    const again = await openHost({ store })
    expect(await update(again, DOCUMENTS, 'by 128')).toEqual({ encoded: [], answer: counts(0, 0, 3) })
    expect((await update(again, [{ id: 3, text: 'another' }], 'by 128')).encoded).toEqual([3])
    expect(await (await openHost({ store })).state()).toMatchObject({ documents: 3 })
  })

  it('sees first what another tab did to it', async () => {
    const store = `update ${++stores}`
    const [one, two] = [await openHost({ store }), await openHost({ store })]
    await addToHost(one, DOCUMENTS, SPACE)
    const change = ++changes
    expect(await compare(two, DOCUMENTS, undefined, change)).toEqual([])
    await one.remove(++changes, [2])
    expect((await two.commit(change, true)).stale).toEqual([2])
  })

  it('tells no other tab where nothing changed', async () => {
    const store = `update ${++stores}`
    const host = await openHost({ store })
    await addToHost(host, DOCUMENTS, SPACE)
    const channel = new BroadcastChannel(`nestling-search:${store}`)
    const told: unknown[] = []
    const heard = new Promise((resolve) => {
      channel.onmessage = ({ data }) => {
        told.push(data)
        resolve(data)
      }
    })
    await update(host, DOCUMENTS)
    // The next change is told of, and it alone.
    await host.remove(++changes, [1])
    await heard
    channel.close()
    expect(told).toEqual([2])
  })
})
