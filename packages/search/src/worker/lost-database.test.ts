import 'fake-indexeddb/auto'
import { isEmbedderError } from 'nestling'
import { searchKernels } from '@nestling/testing/search-kernels'
import { forceCloseDatabase } from 'fake-indexeddb'
import { deleteDB } from 'idb'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DocumentPortion } from '../wire/protocol.js'
import { OPEN_REQUEST, SEARCH_REQUEST } from '../../test/host-documents.js'
import { SearchHost } from './search-host.js'

let kernels: WebAssembly.Module
/** Every connection that was opened. */
const connections: IDBDatabase[] = []
let hosts: SearchHost[] = []

beforeAll(async () => {
  kernels = await searchKernels()
}, 20_000)
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.dispose()))
  hosts = []
  IDBFactory.prototype.open = openReal
  await deleteSiteData(false)
})

const { open: openReal } = IDBFactory.prototype

/** Opens an index, whose connections can be closed. */
async function open(): Promise<SearchHost> {
  IDBFactory.prototype.open = function (...args) {
    const request = openReal.apply(this, args)
    request.addEventListener('success', () => connections.push(request.result))
    return request
  }
  const host = new SearchHost(kernels)
  hosts.push(host)
  await host.open({ ...OPEN_REQUEST, store: 'notes' })
  return host
}

/** Closes all connections as a browser does, which may tell of it. */
function loseConnections(isTold: boolean): void {
  for (const connection of connections.splice(0)) {
    if (isTold) forceCloseDatabase(connection as never)
    else connection.close()
  }
}

async function deleteSiteData(isTold: boolean): Promise<void> {
  loseConnections(isTold)
  await deleteDB('nestling-search')
}

let changes = 0
async function add(host: SearchHost, ids: readonly number[], isUpdate = false): Promise<void> {
  const portion: DocumentPortion = {
    ids,
    texts: ids.map((id) => `text ${id}`),
    metadata: ids.map(() => null),
    rowCounts: new Int32Array(ids.length).fill(1),
    spans: new Int32Array(2 * ids.length),
    vectors: Float32Array.from(ids.flatMap((id) => [Math.cos(id), Math.sin(id)])),
    dim: 2,
    space: undefined,
  }
  await host.stage(++changes, portion)
  await host.commit(changes, isUpdate)
}

async function idsOf(host: SearchHost): Promise<unknown[]> {
  const request = { ...SEARCH_REQUEST, vector: Float32Array.of(1, 0) }
  return (await host.search(request)).found.map(({ id }) => id).sort()
}

/** Every call of an index, and what it gives when its documents 1 and 2 are gone. */
const CALLS: readonly (readonly [string, (host: SearchHost) => Promise<unknown>, unknown])[] = [
  ['search', idsOf, []],
  ['state', async (host) => (await host.state()).documents, 0],
  ['known', (host) => host.known([1, 2]), []],
  ['metadata', async (host) => (await host.metadata(0)).total, 0],
  ['remove', (host) => host.remove(1, [1]), 0],
  ['clear', (host) => host.clear(1), undefined],
  ['add', (host) => add(host, [1]), undefined],
  ['update', (host) => add(host, [2], true), undefined],
  [
    'mine',
    async (host) => (await host.mine(1, { kind: 'paraphrase', maxPairs: 1, topK: 1 }, () => undefined)).pairs,
    [],
  ],
]

describe('an index whose records the browser deleted', () => {
  it.each(CALLS)('is empty, and goes on: %s', async (_, call, answer) => {
    const host = await open()
    await add(host, [1, 2])
    expect(await idsOf(host)).toEqual([1, 2])
    await deleteSiteData(true)
    expect(await call(host)).toEqual(answer)
    await add(host, [7])
    expect(await idsOf(host)).toContain(7)
    expect(await idsOf(await open())).toEqual(await idsOf(host))
  })
})

describe.each([
  ['tells of it', true],
  ['does not tell of it', false],
])('an index whose connection the browser closed and %s', (_, isTold) => {
  it('is as it was where no record is gone', async () => {
    const host = await open()
    await add(host, [1, 2])
    loseConnections(isTold)
    expect(await idsOf(host)).toEqual([1, 2])
    await add(host, [3])
    expect(await idsOf(host)).toEqual([1, 2, 3])
    expect(await idsOf(await open())).toEqual([1, 2, 3])
  })

  it('takes the index of another tab that has begun anew, also one of as many changes', async () => {
    const host = await open()
    await add(host, [1, 2])
    await deleteSiteData(isTold)
    const other = await open()
    await add(other, [5])
    await add(host, [7])
    expect(await idsOf(host)).toEqual([5, 7])
    expect(await idsOf(await open())).toEqual([5, 7])
  })

  it('has again what was deleted, by an update to what it was', async () => {
    const host = await open()
    await add(host, [1, 2])
    await deleteSiteData(isTold)
    await add(host, [1, 2], true)
    expect(await idsOf(await open())).toEqual([1, 2])
  })

  it('rejects each change with a typed error where the database does not open again', async () => {
    const host = await open()
    await add(host, [1, 2])
    IDBFactory.prototype.open = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    loseConnections(isTold)
    const changes = CALLS.filter(([name]) => isTold || ['update', 'clear'].includes(name))
    for (const [name, call] of changes) {
      const error: unknown = await call(host).catch((caught: unknown) => caught)
      expect([name, isEmbedderError(error) ? error.code : error]).toEqual([name, 'store-unavailable'])
    }
  })
})
