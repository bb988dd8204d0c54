import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { afterEach, describe, expect, it } from 'vitest'
import { IdbStorage } from '../../store/records/idb-storage.js'
import { openDatabase } from '../../store/records/open-database.js'
import { ModelStore } from '../../store/models/model-store.js'
import { EmbedderError, isEmbedderError } from '../../wire/embedder-error.js'
import { importBundle } from '@nestling/kit/worker/import-bundle'
import { modelCache } from './lazy-model-cache.js'

const KEY = 'url:https://x.test/model/'

afterEach(() => deleteDB('nestling'))

async function storeModel(): Promise<void> {
  const storage = new IdbStorage(await openDatabase())
  const store = new ModelStore(storage)
  const version = { etag: undefined, commit: undefined, totalBytes: 3 }
  const writer = store.startFile({ key: KEY, generation: 'g', path: 'config.json' }, version)
  await writer.append(Uint8Array.of(1, 2, 3))
  const files = [await writer.complete(undefined)]
  await store.commitModel({ key: KEY, name: 'model', generation: 'g', files, absentPaths: [], commit: undefined })
  storage.close()
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no failure',
    (error: unknown) => error,
  )
}

describe('modelCache', () => {
  it('needs no embedder: a model goes out, and in again', async () => {
    await storeModel()
    expect(await modelCache.size()).toBe(3)
    expect(await modelCache.size(KEY)).toBe(3)
    expect(await modelCache.size('url:https://y.test/')).toBe(0)
    const file = await modelCache.export(KEY)
    await modelCache.clear()
    expect(await modelCache.list()).toEqual([])
    expect(await modelCache.import(file)).toMatchObject({ key: KEY, isComplete: true })
    expect(await modelCache.verify(KEY)).toMatchObject({ isOk: true, models: [{ key: KEY }] })
    expect(await modelCache.delete(KEY)).toBe(true)
    expect(await modelCache.size()).toBe(0)
  })

  it('leaves the database closed: a later version can upgrade it', async () => {
    await modelCache.list()
    await failureOf(modelCache.export(KEY))
    await deleteDB('nestling', {
      blocked: () => {
        throw new Error('a call left it open')
      },
    })
  })

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a key that is no text', () => modelCache.delete(7 as never), /its key must be a string .*current value is 7/],
    ['no key', () => modelCache.export(undefined as never), /its key must be a string/],
    ['null as a key', () => modelCache.size(null as never), /its key must be a string/],
    ['a file that is none', () => modelCache.import('x' as never), /must be a Blob or a File: current value is "x"/],
    ['a signal that is none', () => modelCache.clear({ signal: 1 as never }), /signal must be an AbortSignal/],
    ['an option that there is not', () => modelCache.clear({ force: true } as never), /force is not an option/],
  ])('refuses %s', async (_, call, message) => {
    const error = await failureOf(call())
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toMatch(message)
  })

  it('has nothing, and imports nothing, where storage is blocked', async () => {
    await storeModel()
    const file = await modelCache.export(KEY)
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB')
    Object.defineProperty(globalThis, 'indexedDB', {
      configurable: true,
      get: () => {
        throw new DOMException('denied', 'SecurityError')
      },
    })
    try {
      expect(await modelCache.list()).toEqual([])
      expect(await modelCache.size()).toBe(0)
      expect(await modelCache.delete(KEY)).toBe(false)
      expect(await modelCache.verify()).toEqual({ isOk: true, models: [], orphanChunks: 0 })
      const error = await failureOf(modelCache.import(file))
      expect(isEmbedderError(error, 'store-unavailable') && error.message).toMatch(/SecurityError denied/)
    } finally {
      if (descriptor !== undefined) Object.defineProperty(globalThis, 'indexedDB', descriptor)
    }
  })

  it('rejects with the reason of an abort, before and during a call', async () => {
    await storeModel()
    const reason = new Error('enough')
    expect(await failureOf(modelCache.verify(undefined, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    const ender = new AbortController()
    const call = failureOf(modelCache.export(KEY, { signal: ender.signal }))
    ender.abort(reason)
    expect(await call).toBe(reason)
  })
})

describe('importBundle()', () => {
  it('says so where a part of the library cannot be loaded', async () => {
    const error = await failureOf(importBundle(() => Promise.reject(new TypeError('Failed to fetch')), EmbedderError))
    expect(isEmbedderError(error, 'environment-unsupported')).toBe(true)
  })
})
