import 'fake-indexeddb/auto'
import { expect, it } from 'vitest'
import { addToHost, openHost, SEARCH_REQUEST } from '../../test/host-documents.js'
import { openDatabase } from '../store/open-database.js'
import type { DocumentId } from '../wire/document-id.js'
import type { SearchHost } from './search-host.js'

const open = (store: string): Promise<SearchHost> => openHost({ store })

async function idsOf(host: SearchHost, text: string): Promise<DocumentId[]> {
  const { found } = await host.search({ ...SEARCH_REQUEST, mode: 'keywords', text })
  return found.map(({ id }) => id).sort()
}

it('keeps the words of texts, and makes them again where they are of an older state', async () => {
  const host = await open('state')
  await addToHost(host, [{ id: 1, text: 'a glider' }])
  expect(await idsOf(host, 'glider')).toEqual([1])
  await host.dispose()
  const second = await open('state')
  expect(await idsOf(second, 'glider')).toEqual([1])
  const third = await open('state')
  await addToHost(third, [{ id: 2, text: 'another glider' }])
  await third.dispose()
  expect(await idsOf(await open('state'), 'glider')).toEqual([1, 2])
})

it('makes words again silently that an older version kept', async () => {
  const host = await open('version')
  await addToHost(host, [{ id: 1, text: 'a glider' }])
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
