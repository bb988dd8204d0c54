import 'fake-indexeddb/auto'
import { codeOf } from '@nestling/testing/outcome'
import { searchKernels } from '@nestling/testing/search-kernels'
import { beforeAll, describe, expect, it } from 'vitest'
import { addToHost, openHost, SEARCH_REQUEST, type HostDocument } from '../../test/host-documents.js'
import type { SearchHost } from './search-host.js'

// They are compiled once, which takes a while.
beforeAll(() => searchKernels(), 20_000)

let stores = 0

/** Every id that there is, in order. */
async function idsOf(host: SearchHost): Promise<unknown[]> {
  return (await host.ids(0)).ids.filter((id) => id !== null).sort()
}

const ALL = { filter: undefined, allowed: undefined }
const BOOKS: readonly HostDocument[] = [
  { id: 1, text: 'Walden', metadata: { year: 1854, tags: ['woods', 'essay', 'woods'], shelf: 1 } },
  { id: 2, text: 'Emma', metadata: { year: 1815, tags: ['novel'], shelf: '1' } },
  { id: 3, metadata: { year: 1854, tags: 'essay', shelf: null, author: { name: 'A' } } },
  { id: 4, text: 'Notes' },
]

describe('reading an index', () => {
  it('gives documents as they were added, in the order of the question', async () => {
    const host = await openHost()
    expect(await host.read([1])).toEqual([null])
    await addToHost(host, BOOKS)
    const [book, , none, last] = await host.read([2, 3, 9, 4])
    expect(book).toEqual({ id: 2, text: 'Emma', metadata: BOOKS[1]?.metadata })
    expect([none, last]).toEqual([null, { id: 4, text: 'Notes', metadata: null }])
  })

  it('gives at least one document and not all where they are long', async () => {
    const host = await openHost()
    const text = 'x'.repeat(300_000)
    await addToHost(
      host,
      [1, 2, 3].map((id) => ({ id, text })),
    )
    // 300,000 units are room for another, 600,000 are not.
    expect(await host.read([1, 2, 3])).toHaveLength(2)
    expect(await host.read([3])).toHaveLength(1)
  })

  it('gives ids in portions of one version', async () => {
    const host = await openHost()
    expect(await host.ids(0)).toMatchObject({ ids: [], total: 0 })
    await addToHost(
      host,
      Array.from({ length: 10_001 }, (_, id) => ({ id })),
    )
    const [first, second] = [await host.ids(0), await host.ids(10_000)]
    expect([first.ids.length, second.ids, first.total]).toEqual([10_000, [10_000], 10_001])
    expect(second.version).toBe(first.version)
    await host.remove(1, [5])
    const changed = await host.ids(0)
    expect(changed.version).not.toBe(first.version)
    expect(changed.ids[5]).toBeNull()
  })
})

describe('counting values', () => {
  it('counts what a filter would find, and no more', async () => {
    const host = await openHost()
    expect(await host.facets(['tags'], ALL)).toEqual([new Map()])
    await addToHost(host, BOOKS)
    const [tags, shelf, author, none] = (await host.facets(['tags', 'shelf', 'author', 'toString'], ALL)) ?? []
    // By hand, from the table above: woods twice in one list is one document.
    expect([...(tags ?? [])]).toEqual([
      ['essay', 2],
      ['woods', 1],
      ['novel', 1],
    ])
    expect(new Map(shelf)).toEqual(
      new Map<unknown, number>([
        [1, 1],
        ['1', 1],
        [null, 1],
      ]),
    )
    expect([author, none]).toEqual([new Map(), new Map()])
    for (const [value, count] of tags ?? []) {
      const asked = { ...SEARCH_REQUEST, vector: Float32Array.of(1, 0), filter: { tags: value } }
      expect((await host.search(asked)).found).toHaveLength(count)
    }
  })

  it('counts those that a filter or marks of this version allow', async () => {
    const host = await openHost()
    await addToHost(host, BOOKS)
    const counted = await host.facets(['year'], { ...ALL, filter: { tags: { not: 'woods' } } })
    expect(counted).toEqual([
      new Map([
        [1815, 1],
        [1854, 1],
      ]),
    ])
    const { version } = await host.ids(0)
    const allowed = { version, bytes: Uint8Array.of(1, 0, 1, 0) }
    expect(await host.facets(['year'], { filter: undefined, allowed })).toEqual([new Map([[1854, 2]])])
    await host.remove(1, [4])
    expect(await host.facets(['year'], { filter: undefined, allowed })).toBeUndefined()
    await expect(host.facets(['year'], { ...ALL, filter: { year: [] } })).rejects.toThrow(
      'Cannot count values as filter.year must be',
    )
  })
})

describe.each([
  ['memory', false],
  ['a store', true],
])('changing an index in %s', (_, isStored) => {
  const open = (name = `read ${++stores}`): Promise<SearchHost> => openHost(isStored ? { store: name } : {})

  it('removes what a filter finds, in one change, and nothing by marks of another version', async () => {
    const host = await open()
    await addToHost(host, BOOKS)
    const { version } = await host.state()
    expect(await host.remove(1, { ...ALL, filter: { year: { gt: 1900 } } })).toBe(0)
    expect((await host.state()).version).toBe(version)
    const allowed = { version, bytes: Uint8Array.of(1, 1, 1, 1) }
    expect(await host.remove(2, { ...ALL, filter: { tags: 'essay' } })).toBe(2)
    expect((await host.state()).version).toBe(version + 1)
    expect(await idsOf(host)).toEqual([2, 4])
    expect(await host.remove(3, { filter: undefined, allowed })).toBeUndefined()
    expect(await idsOf(host)).toEqual([2, 4])
    expect(await codeOf(host.remove(4, { ...ALL, filter: {} }))).toBe('TypeError')
    expect(await codeOf(host.remove(5, { ...ALL, filter: { tags: {} } }))).toBe('TypeError')
    expect(await idsOf(host)).toEqual([2, 4])
  })

  it('merges a file: what is there stays, but for the documents of the file', async () => {
    const source = await openHost()
    await addToHost(source, [
      { id: 1, text: 'another', metadata: { year: 1900 }, angle: 1.5 },
      { id: 9, text: 'new' },
    ])
    const file = await source.exportFile()
    const host = await open()
    await host.importFile(1, file, true)
    expect(await idsOf(host)).toEqual([1, 9])
    await addToHost(host, [{ id: 2, text: 'Emma' }])
    await host.remove(2, [1, 9])
    await addToHost(host, [{ id: 1, text: 'Walden' }])
    await host.importFile(3, file, true)
    expect(await idsOf(host)).toEqual([1, 2, 9])
    expect((await host.read([1, 2])).map((document) => document?.text)).toEqual(['another', 'Emma'])
    await host.importFile(4, file, false)
    expect(await idsOf(host)).toEqual([1, 9])
  })

  it('merges no file of another dim, precision, similarity or model, and stays as it was', async () => {
    const space = { id: 'a', model: 'model A' }
    const host = await open()
    await addToHost(host, BOOKS, space)
    const fileOf = async (source: SearchHost, of = space): Promise<Blob> => {
      await addToHost(source, [{ id: 7 }], of)
      return source.exportFile()
    }
    const other = await fileOf(await openHost(), { id: 'b', model: 'model B' })
    expect(await codeOf(host.importFile(1, other, true))).toBe('space-mismatch')
    expect(await codeOf(host.importFile(2, await fileOf(await openHost({ precision: 'int8' })), true))).toBe(
      'TypeError',
    )
    expect(await codeOf(host.importFile(3, await fileOf(await openHost({ similarity: 'dot' })), true))).toBe(
      'TypeError',
    )
    const wide = await openHost()
    await wide.stage(1, {
      ids: [8],
      texts: [null],
      metadata: [null],
      rowCounts: Int32Array.of(1),
      spans: Int32Array.of(0, 0),
      vectors: Float32Array.of(1, 0, 0),
      dim: 3,
      space,
    })
    await wide.commit(1, false)
    expect(await codeOf(host.importFile(4, await wide.exportFile(), true))).toBe('RangeError')
    expect(await idsOf(host)).toEqual([1, 2, 3, 4])
  })

  it('rounds the rows of a float32 file where it keeps int8', async () => {
    const source = await openHost()
    await addToHost(source, BOOKS)
    const host = await openHost({ precision: 'int8', ...(isStored ? { store: `read ${++stores}` } : {}) })
    await addToHost(host, [{ id: 9 }])
    await host.importFile(1, await source.exportFile(), true)
    expect(await host.state()).toMatchObject({ documents: 5, precision: 'int8' })
  })
})
