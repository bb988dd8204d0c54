import 'fake-indexeddb/auto'
import { searchKernels } from '@nestling/testing/search-kernels'
import { beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../store/open-database.js'
import type { DocumentId } from '../wire/document-id.js'
import { SearchHost } from './search-host.js'

let kernels: WebAssembly.Module
beforeAll(async () => {
  kernels = await searchKernels()
}, 20_000)

async function open(store: string): Promise<SearchHost> {
  const host = new SearchHost(kernels)
  await host.open({
    store,
    dim: undefined,
    precision: undefined,
    similarity: undefined,
    scoring: 'auto',
    isNested: false,
  })
  return host
}

async function add(host: SearchHost, id: number, text: string): Promise<void> {
  const rowCounts = Int32Array.of(1)
  const spans = Int32Array.of(0, text.length)
  const vectors = Float32Array.of(1, 0)
  await host.stage(id, {
    ids: [id],
    texts: [text],
    metadata: [null],
    rowCounts,
    spans,
    vectors,
    dim: 2,
    space: undefined,
  })
  await host.commit(id, false)
}

async function idsOf(host: SearchHost, text: string): Promise<DocumentId[]> {
  const { found } = await host.search({
    mode: 'keywords',
    text,
    vector: undefined,
    space: undefined,
    topK: 10,
    minScore: undefined,
    scoring: undefined,
    equals: undefined,
    allowed: undefined,
  })
  return found.map(({ id }) => id).sort()
}

it('keeps the words of texts, and makes them again where they are of an older state', async () => {
  const host = await open('state')
  await add(host, 1, 'a glider')
  expect(await idsOf(host, 'glider')).toEqual([1])
  await host.dispose()
  const second = await open('state')
  expect(await idsOf(second, 'glider')).toEqual([1])
  const third = await open('state')
  await add(third, 2, 'another glider')
  await third.dispose()
  expect(await idsOf(await open('state'), 'glider')).toEqual([1, 2])
})

it('makes words again silently that an older version kept', async () => {
  const host = await open('version')
  await add(host, 1, 'a glider')
  expect(await idsOf(host, 'glider')).toEqual([1])
  await host.dispose()
  const database = await openDatabase()
  const kept = await database.get('keywords', 'version')
  // Version 1: JSON of another index, which had no documents.
  const bytes = new TextEncoder().encode('{"format":"nestling-keywords","version":1,"index":{"documentCount":0}}')
  await database.put('keywords', { version: kept?.version ?? NaN, bytes }, 'version')
  const second = await open('version')
  expect(await idsOf(second, 'glider')).toEqual([1])
  await second.dispose()
  expect((await database.get('keywords', 'version'))?.bytes).toEqual(kept?.bytes)
  database.close()
})
