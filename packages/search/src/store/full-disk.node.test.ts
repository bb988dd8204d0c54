import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { segmentOf, StoredDocuments } from '../../test/stored-documents.js'
import { indexFolder } from './index-folder.node.js'
import { IndexStore } from './index-store.node.js'

/** What the disk refuses from now on: the call of that number, counted from 1, and all after it. */
const disk = vi.hoisted(() => ({ failAt: Infinity, calls: 0, code: 'ENOSPC' }))

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>()
  const guarded = <Call extends (...args: never[]) => Promise<unknown>>(call: Call): Call =>
    (async (...args: Parameters<Call>) => {
      if (++disk.calls < disk.failAt) return call(...args)
      throw Object.assign(new Error(`${disk.code}: the disk says no`), { code: disk.code })
    }) as Call
  return { ...real, mkdir: guarded(real.mkdir), writeFile: guarded(real.writeFile) }
})

const folder = mkdtempSync(join(tmpdir(), 'nestling-full-'))
afterEach(() => {
  Object.assign(disk, { failAt: Infinity, calls: 0 })
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const LISTENER = { onChange: () => undefined, onLost: () => undefined }

it.each([
  ['ENOSPC', 'quota-exceeded'],
  ['EDQUOT', 'quota-exceeded'],
  ['EROFS', 'store-unavailable'],
  ['EACCES', 'store-unavailable'],
])('a disk that says %s at any call is %s, and nothing is half written', async (code, expected) => {
  const path = join(folder, code)
  const store = await IndexStore.open(path, LISTENER)
  const documents = new StoredDocuments()
  await documents.write(store, [segmentOf([1])])
  let failures = 0
  for (let failAt = 1; ; failAt++) {
    Object.assign(disk, { failAt, calls: 0, code })
    const call = documents.write(store, [segmentOf([2]), segmentOf([3], [1])])
    const error: unknown = await call.then(
      () => undefined,
      (caught: unknown) => caught,
    )
    Object.assign(disk, { failAt: Infinity })
    if (error === undefined) break
    failures++
    expect(error).toMatchObject({ name: 'EmbedderError', code: expected, details: { reason: code } })
    expect(readdirSync(join(indexFolder(path), 'commits'))).toEqual([])
    expect((await new StoredDocuments().readFrom(await IndexStore.open(path, LISTENER))).ids).toEqual([1])
  }
  // Two segments, the head and the journal, and the folders for them.
  expect(failures).toBeGreaterThan(6)
  expect((await new StoredDocuments().readFrom(store)).ids).toEqual([2, 3])
})

it('a folder that cannot be made is a typed error', async () => {
  Object.assign(disk, { failAt: 1, code: 'EACCES' })
  const opening = IndexStore.open(join(folder, 'none'), LISTENER)
  await expect(opening).rejects.toMatchObject({ code: 'store-unavailable', details: { reason: 'EACCES' } })
})
