import 'fake-indexeddb/auto'
import { codeOf } from '@nestling/testing/outcome'
import { mulberry32 } from '@nestling/testing/mixtures'
import { searchKernels } from '@nestling/testing/search-kernels'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeIndexFile } from '../store/index-file.js'
import { openDatabase } from '../store/open-database.js'
import { INDEX_PRECISIONS, type FoundDocument, type IndexPrecision, type OpenRequest } from '../wire/protocol.js'
import { OPEN_REQUEST, SEARCH_REQUEST } from '../../test/host-documents.js'
import { SearchHost } from './search-host.js'

const DIM = 37

let kernels: WebAssembly.Module
beforeAll(async () => {
  kernels = await searchKernels()
}, 20_000)

async function open(options: Partial<OpenRequest> = {}): Promise<SearchHost> {
  const host = new SearchHost(kernels)
  await host.open({ ...OPEN_REQUEST, ...options })
  return host
}

function vectorsOf(count: number, seed: number): Float32Array<ArrayBuffer> {
  const random = mulberry32(seed)
  return Float32Array.from({ length: count * DIM }, () => random() + random() - 1)
}

/** Documents 0, 1, … of one row each. */
async function fill(host: SearchHost, vectors: Float32Array<ArrayBuffer>): Promise<void> {
  const count = vectors.length / DIM
  const ids = Array.from({ length: count }, (_, id) => id)
  const nothing = ids.map(() => null)
  const counts = { rowCounts: new Int32Array(count).fill(1), spans: new Int32Array(2 * count) }
  const portion = { ids, texts: nothing, metadata: nothing, ...counts, vectors: vectors.slice(), dim: DIM }
  await host.stage(1, { ...portion, space: undefined })
  await host.commit(1, true)
}

async function near(host: SearchHost, vector: Float32Array<ArrayBuffer>): Promise<readonly FoundDocument[]> {
  return (await host.search({ ...SEARCH_REQUEST, vector })).found
}

const bytesOf = async (host: SearchHost): Promise<Uint8Array> =>
  new Uint8Array(await (await host.exportFile()).arrayBuffer())

/** Each with all that have more bits. */
const FINER = INDEX_PRECISIONS.flatMap((coarse, place) =>
  INDEX_PRECISIONS.slice(0, place).map((fine) => [fine, coarse] as const),
)

describe.each(INDEX_PRECISIONS)('an index of %s', (precision) => {
  it('is the same in memory, in its store and after a way through a file', async () => {
    const store = `same ${precision}`
    const host = await open({ store, precision })
    await fill(host, vectorsOf(60, 1))
    await host.remove(2, [5, 6])
    await fill(host, vectorsOf(4, 2))
    const query = vectorsOf(1, 3)
    const found = await near(host, query)
    expect(found).toHaveLength(10)
    const again = await open({ store })
    expect(await near(again, query)).toEqual(found)
    const copy = await open()
    await copy.importFile(3, await host.exportFile(), false)
    expect(await near(copy, query)).toEqual(found)
    expect(await bytesOf(copy)).toEqual(await bytesOf(host))
    expect(await copy.state()).toMatchObject({ documents: 58, precision })
  })

  it('finds what was updated, and tells the bytes of its rows', async () => {
    const host = await open({ precision })
    await fill(host, vectorsOf(30, 1))
    const changed = vectorsOf(10, 7)
    await fill(host, changed)
    expect((await near(host, changed.slice(0, DIM)))[0]).toMatchObject({ id: 0 })
    // By hand: 37 components of 32, 8, 4, 2 and 1 bits, in whole bytes, and 5 bytes of signs beside all but the smallest.
    const bytes: Record<IndexPrecision, number> = { float32: 148 + 5, int8: 37 + 5, int4: 19 + 5, int2: 10, binary: 5 }
    expect((await host.state()).rowBytes).toBe(30 * bytes[precision])
  })
})

it.each(FINER)('a file of %s becomes an index of %s, but not the other way round', async (fine, coarse) => {
  const vectors = vectorsOf(40, 1)
  const [source, target] = [await open({ precision: fine }), await open({ precision: coarse })]
  await fill(source, vectors)
  await target.importFile(1, await source.exportFile(), false)
  expect(await target.state()).toMatchObject({ documents: 40, precision: coarse })
  const direct = await open({ precision: coarse })
  await fill(direct, vectors)
  // Rounding from float32 is what adding does; from fewer bits a row is about the same.
  if (fine === 'float32') expect(await bytesOf(target)).toEqual(await bytesOf(direct))
  const [best] = await near(target, vectors.slice(0, DIM))
  expect(best).toMatchObject({ id: 0 })
  expect(Math.abs((best?.score ?? 0) - 1)).toBeLessThan(0.25)
  expect(await codeOf(source.importFile(2, await target.exportFile(), false))).toBe('TypeError')
  expect(await source.state()).toMatchObject({ documents: 40, precision: fine })
})

it('a finer file can be merged into an index of few bits', async () => {
  const [source, target] = [await open(), await open({ precision: 'int2' })]
  await fill(target, vectorsOf(20, 2))
  const vectors = vectorsOf(10, 1)
  await fill(source, vectors)
  await target.importFile(1, await source.exportFile(), true)
  expect(await target.state()).toMatchObject({ documents: 20, precision: 'int2' })
  expect((await near(target, vectors.slice(0, DIM)))[0]).toMatchObject({ id: 0 })
})

it('scoring that needs other rows is refused with what to do', async () => {
  const host = await open({ precision: 'int2', scoring: 'int8' })
  await fill(host, vectorsOf(3, 1))
  await expect(near(host, vectorsOf(1, 1))).rejects.toThrow("Make the index with precision: 'int8'")
})

it('a damaged record of few bits is refused', async () => {
  const store = 'damaged'
  await fill(await open({ store, precision: 'int4' }), vectorsOf(3, 1))
  const database = await openDatabase()
  const [key] = await database.getAllKeys('segments', IDBKeyRange.bound([store], [store, Infinity]))
  const segment = await database.get('segments', key as never)
  for (const vectors of [new Uint8Array(3 * DIM), new Int8Array(3 * 19)]) {
    await database.put('segments', { ...segment, vectors } as never, key)
    expect(await codeOf((await open({ store })).state())).toBe('index-corrupt')
  }
  database.close()
})

it.each([NaN, Infinity])('a file whose row has the scale %d is refused', async (scale) => {
  const identity = { dim: 8, precision: 'binary', similarity: 'cosine', space: null } as const
  const counts = { rowCounts: Int32Array.of(1), spans: Int32Array.of(0, 0) }
  const arrays = { vectors: Uint8Array.of(7), scales: Float32Array.of(scale), digests: new Float64Array(1) }
  const segment = { removed: [], ids: ['a'], texts: [null], metadata: [null], ...counts, ...arrays }
  const file = new Blob([await writeIndexFile({ identity, segment })])
  expect(await codeOf((await open()).importFile(1, file, false))).toBe('index-corrupt')
})

/** A file as it was written before there were rows of fewer than 8 bits: two documents, `a` and 2, with rows of four int8. */
const OLD_FILE =
  'bmVzdGlkeAoBAAAAMgEAAHsiZGltIjo0LCJwcmVjaXNpb24iOiJpbnQ4Iiwic2ltaWxhcml0eSI6ImNvc2luZSIsInNwYWNlIjpudWxsLCJkb2N1bWVudHMiOjIsInJvd3MiOjIsInNlY3Rpb25zIjpbeyJuYW1lIjoiZG9jdW1lbnRzIiwib2Zmc2V0IjowLCJieXRlcyI6MzV9LHsibmFtZSI6InJvd0NvdW50cyIsIm9mZnNldCI6NDgsImJ5dGVzIjo4fSx7Im5hbWUiOiJzcGFucyIsIm9mZnNldCI6NjQsImJ5dGVzIjoxNn0seyJuYW1lIjoidmVjdG9ycyIsIm9mZnNldCI6ODAsImJ5dGVzIjo4fSx7Im5hbWUiOiJzY2FsZXMiLCJvZmZzZXQiOjk2LCJieXRlcyI6OH1dfQAAAAAAAAAAAAAAAAAAW1siYSIsIm9uZSIseyJrIjoxfV0sWzIsbnVsbCxudWxsXV0AAAAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAAAAAAAAAAAADAAAAAAAAAAAAAAB/AMABAIF/BQAAAAAAAAAAZmbmOwrXozsAAAAAAAAAAAfqHkbJod/qeZ6N4T1TJ8s49Ie8rgtgFmgkxy6wa5VL'

it('reads what the version before stored and exported', async () => {
  const host = await open()
  await host.importFile(1, new Blob([Buffer.from(OLD_FILE, 'base64')]), false)
  const [best] = await near(host, Float32Array.of(1, 0, 0, 0))
  // By hand: 127 levels times the scale 0.00703125.
  expect(best).toMatchObject({ id: 'a', metadata: { k: 1 }, passage: { text: 'one' } })
  expect(best?.score).toBeCloseTo(0.89296875, 7)
  const database = await openDatabase()
  const head = { dim: 4, precision: 'int8', similarity: 'cosine', space: null, format: 1, version: 1, base: 1 } as const
  await database.put('indexes', { ...head, storedRows: 1 }, 'old')
  const arrays = { vectors: Int8Array.of(127, 0, -64, 1), scales: Float32Array.of(0.00703125) }
  const counts = { rowCounts: Int32Array.of(1), spans: Int32Array.of(0, 0) }
  const segment = { removed: [], ids: ['a'], texts: [null], metadata: [null], ...counts, ...arrays }
  await database.put('segments', segment, ['old', 1, 0, 1])
  database.close()
  const [stored] = await near(await open({ store: 'old' }), Float32Array.of(1, 0, 0, 0))
  expect(stored?.score).toBeCloseTo(0.89296875, 7)
})
