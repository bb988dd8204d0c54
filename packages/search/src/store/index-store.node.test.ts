import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { segmentOf, StoredDocuments } from '../../test/stored-documents.js'
import { ConnectionLost } from './connection-lost.js'
import { indexFolder } from './index-folder.node.js'
import { describeIndexStore } from './index-store.contract.js'
import { IndexStore } from './index-store.node.js'
import type { StoreListener } from './store-change.js'

const cache = mkdtempSync(join(tmpdir(), 'nestling-index-store-'))
process.env['NESTLING_CACHE'] = cache

const wipe = (): Promise<void> => {
  for (const name of readdirSync(cache)) rmSync(join(cache, name), { recursive: true })
  return Promise.resolve()
}
afterEach(wipe)

describeIndexStore('files', (name, listener) => IndexStore.open(name, listener), wipe)

const UNHEARD: StoreListener = { onChange: () => undefined, onLost: () => undefined }
const open = (name = 'notes', listener = UNHEARD): Promise<IndexStore> => IndexStore.open(name, listener)

/** Writes an index of three changes. */
async function writeThree(store: IndexStore): Promise<StoredDocuments> {
  const documents = new StoredDocuments()
  for (const id of [1, 2, 3]) await documents.write(store, [segmentOf([id])])
  return documents
}

describe('the folder of an index', () => {
  const here = process.cwd()
  it.each([
    ['/data/notes', '/data/notes'],
    ['./notes', join(here, 'notes')],
    ['../notes', join(here, '../notes')],
    ['.', here],
    [pathToFileURL('/data/my notes').href, '/data/my notes'],
    ['notes', join(cache, 'indexes/snotes')],
    ['Notes', join(cache, 'indexes/s=4eotes')],
    ['a/../../b', join(cache, 'indexes/sa=2f=2e=2e=2f=2e=2e=2fb')],
    ['.hidden', join(cache, 'indexes/s=2ehidden')],
  ])('%s is %s', (store, folder) => {
    expect(indexFolder(store)).toBe(join(folder, 'nestling-search-1'))
  })

  it('is one by whatever path, and what else lies beside it stays', async () => {
    const folder = join(cache, 'mine')
    const other = join(cache, 'mine-too')
    await new StoredDocuments().write(await open(folder), [segmentOf([1])])
    writeFileSync(join(folder, 'commits'), 'of the user')
    const paths = [pathToFileURL(folder).href, `./${relative(here, folder)}`, `${folder}/`]
    for (const path of paths) expect((await new StoredDocuments().readFrom(await open(path))).ids).toEqual([1])
    renameSync(folder, other)
    expect((await new StoredDocuments().readFrom(await open(other))).ids).toEqual([1])
    expect(readFileSync(join(other, 'commits'), 'utf8')).toBe('of the user')
  })
})

describe('files that a power cut has damaged', () => {
  const folder = indexFolder('notes')

  function damage(name: string): void {
    const path = join(folder, name)
    writeFileSync(path, readFileSync(path).subarray(0, -1))
  }

  it('are told, and not taken for nothing; the index can be written anew', async () => {
    const documents = await writeThree(await open())
    damage('segments/n2/n0/n1.bin')
    const store = await open()
    await expect(new StoredDocuments().readFrom(store)).rejects.toMatchObject({ code: 'index-corrupt' })
    damage('indexes/sindex.bin')
    for (const call of [store.head(), new StoredDocuments().readFrom(store), documents.write(store, [])]) {
      await expect(call).rejects.toMatchObject({ code: 'index-corrupt' })
    }
    expect(await new StoredDocuments().write(store, [segmentOf([7])], true)).toBe(true)
    expect((await new StoredDocuments().readFrom(await open())).ids).toEqual([7])
  })

  it('are words that are not there', async () => {
    const store = await open()
    await writeThree(store)
    await store.putKeywords({ version: 3, bytes: Uint8Array.of(1) })
    damage('keywords/sindex.bin')
    expect(await store.keywords(3)).toBeUndefined()
  })
})

describe('a folder that was deleted', () => {
  it.each([
    ['and not made again', 0],
    ['and has another index of fewer changes', 1],
    ['and has another index of as many changes', 3],
    ['and has another index of more changes', 5],
  ])('%s is told, and nothing of before is kept', async (_, count) => {
    let losses = 0
    const onLost = (): void => {
      losses++
    }
    const store = await open('notes', { ...UNHEARD, onLost })
    const documents = await writeThree(store)
    await store.putKeywords({ version: 3, bytes: Uint8Array.of(1) })
    await wipe()
    const others = new StoredDocuments()
    const other = await open()
    for (let id = 0; id < count; id++) await others.write(other, [segmentOf([100 + id])])
    expect(await documents.write(store, [segmentOf([4])])).toBe(false)
    await expect(documents.readFrom(store)).rejects.toThrow(ConnectionLost)
    expect(losses).toBe(1)
    const again = await new StoredDocuments().readFrom(store)
    expect(again.ids).toEqual(others.ids)
    expect(await again.write(store, [segmentOf([4])])).toBe(true)
    expect(await store.keywords(3)).toBeUndefined()
  })
})

describe('a reader', () => {
  it('has all of an index that is written anew and merged while it reads', async () => {
    const [store, other] = [await open(), await open()]
    const documents = new StoredDocuments()
    const large = (first: number): ReturnType<typeof segmentOf> =>
      segmentOf(Array.from({ length: 520 }, (_, index) => first + index))
    for (let round = 0; round < 12; round++) await documents.write(store, [large(1000 * round)])
    for (let time = 0; time < 20; time++) {
      const reader = new StoredDocuments()
      const reading = reader.readFrom(other)
      await documents.write(store, time % 2 === 0 ? [segmentOf([time])] : [large(0), large(time)], time % 2 === 1)
      await reading
      // What it has is what was before the change, or after it; what is left comes with the next reading.
      await reader.readFrom(other)
      expect(reader.ids.toSorted()).toEqual(documents.ids.toSorted())
    }
  })
})
