import { codeOf } from '@nestling/testing/outcome'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../model/sha256.js'
import { listModels } from './cached-model.js'
import { clearModels, deleteModel } from './delete-model.js'
import { exportModel } from './export-model.js'
import { importModel } from './import-model.js'
import type { StoreKey } from '../records/database-schema.js'
import { openedStorages } from '../records/opened-storages.contract.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredModel } from './stored-model.js'
import { verifyModels } from './verify-models.js'
import { ModelStore } from './model-store.js'

const CHUNK_BYTES = 10
const KEY = 'hub:https://hub.test/owner/name@main'
const FILES = { 'config.json': 'a config of 26 characters.', '1_Pooling/config.json': 'ten chars.', 'empty.txt': '' }

/**
 * Says what the calls of `modelCache` do. The same suite runs in memory, on fake-indexeddb and in real browsers.
 *
 * @param name - The storage.
 * @param open - Opens an empty one.
 * @param wipe - Deletes all that was stored.
 */
export function describeModelCache(
  name: string,
  open: () => Promise<RecordStorage>,
  wipe: () => Promise<unknown>,
): void {
  describe(`modelCache in ${name}`, () => {
    const openOne = openedStorages(open, wipe)

    it('lists whole models, and downloads that were broken off as such', async () => {
      const storage = await openOne()
      expect(await listModels(storage)).toEqual([])
      const model = await storeModel(storage, KEY)
      await startDownload(storage, 'url:https://x.test/model/')
      const [whole, broken, ...rest] = await listModels(storage)
      expect(rest).toEqual([])
      expect(whole).toEqual({
        key: KEY,
        name: 'owner/name',
        isComplete: true,
        sizeBytes: 36,
        storedAt: model.storedAt,
        lastUsedAt: 1234,
        commit: 'c0ffee',
        files: [
          { path: 'config.json', sizeBytes: 26, sha256: await digestOf(FILES['config.json']) },
          { path: '1_Pooling/config.json', sizeBytes: 10, sha256: undefined },
          { path: 'empty.txt', sizeBytes: 0, sha256: undefined },
        ],
      })
      expect(broken).toMatchObject({
        key: 'url:https://x.test/model/',
        isComplete: false,
        sizeBytes: 20,
        lastUsedAt: undefined,
        files: [{ path: 'model.safetensors', sizeBytes: 20, sha256: undefined }],
      })
      expect(await listModels(storage, KEY)).toEqual([whole])
    })

    it('finds every damaged file, and no other', async () => {
      const storage = await openOne()
      const { generation } = await storeModel(storage, KEY)
      await storeModel(storage, 'url:https://x.test/other/')
      await startDownload(storage, 'url:https://x.test/third/')
      expect(await verifyModels(storage, {})).toMatchObject({ isOk: true, orphanChunks: 0 })
      const key: StoreKey = [KEY, generation, 'config.json', 2]
      await storage.commit([{ put: 'chunks', key, value: new TextEncoder().encode('cters!') }])
      const found = await verifyModels(storage, {})
      expect(found.isOk).toBe(false)
      expect(found.models).toEqual([
        { key: KEY, isComplete: true, isOk: false, wrongFiles: ['config.json'] },
        { key: 'url:https://x.test/other/', isComplete: true, isOk: true, wrongFiles: [] },
        { key: 'url:https://x.test/third/', isComplete: false, isOk: true, wrongFiles: [] },
      ])
      expect((await verifyModels(storage, { key: 'url:https://x.test/other/' })).isOk).toBe(true)
      await storage.commit([{ delete: 'chunks', key: [KEY, generation, '1_Pooling/config.json', 0] }])
      const [both] = (await verifyModels(storage, { key: KEY })).models
      expect(both?.wrongFiles).toEqual(['config.json', '1_Pooling/config.json'])
    })

    it('counts chunks that nothing reads', async () => {
      const storage = await openOne()
      const { generation } = await storeModel(storage, KEY)
      const value = Uint8Array.of(1)
      await storage.commit([
        { put: 'chunks', key: [KEY, 'other generation', 'config.json', 0], value },
        { put: 'chunks', key: [KEY, generation, 'config.json', 3], value },
        { put: 'chunks', key: ['url:https://gone.test/', 'g', 'config.json', 0], value },
      ])
      expect(await verifyModels(storage, {})).toMatchObject({ isOk: true, orphanChunks: 3 })
      await clearModels(storage)
      expect(await storage.keys('chunks', [])).toEqual([])
    })

    it('deletes one model with everything of it, and no other', async () => {
      const storage = await openOne()
      await storeModel(storage, KEY)
      await startDownload(storage, KEY)
      const other = await storeModel(storage, `${KEY}2`)
      expect(await deleteModel(storage, KEY)).toBe(true)
      expect(await deleteModel(storage, KEY)).toBe(false)
      expect(await listModels(storage)).toMatchObject([{ key: other.key, isComplete: true }])
      for (const store of ['models', 'chunks', 'downloads'] as const)
        expect(await storage.keys(store, [KEY])).toEqual([])
      expect(await storage.keys('uses', [])).toEqual([['model', other.key]])
    })

    it('exports a model to one file, and imports the same model from it', async () => {
      const storage = await openOne()
      const model = await storeModel(storage, KEY)
      const file = await exportModel(storage, KEY)
      await clearModels(storage)
      await startDownload(storage, KEY)
      await storage.commit([{ put: 'chunks', key: [KEY, 'left', 'config.json', 0], value: Uint8Array.of(1) }])
      const imported = await importModel(storage, file)
      expect(await listModels(storage)).toEqual([{ ...imported, lastUsedAt: expect.any(Number) as number }])
      expect(imported).toMatchObject({ key: KEY, name: 'owner/name', sizeBytes: 36, commit: 'c0ffee' })
      expect(await verifyModels(storage, {})).toMatchObject({ isOk: true, orphanChunks: 0 })
      const stored = await storage.get('models', [KEY])
      const { generation, storedAt } = stored as StoredModel
      expect(stored).toEqual({ ...model, generation, storedAt })
      const store = new ModelStore(storage)
      for (const [path, text] of Object.entries(FILES)) {
        const bytes = await store.readFile(stored as StoredModel, path)
        expect(new TextDecoder().decode(bytes)).toBe(text)
      }
    })

    it('exports nothing that is damaged or not whole', async () => {
      const storage = await openOne()
      await startDownload(storage, KEY)
      expect(await codeOf(exportModel(storage, KEY))).toBe('model-not-found')
      const { generation } = await storeModel(storage, KEY)
      const key: StoreKey = [KEY, generation, 'config.json', 1]
      for (const change of [
        { put: 'chunks', key, value: new TextEncoder().encode('of 27 char') } as const,
        { delete: 'chunks', key } as const,
      ]) {
        await storage.commit([change])
        expect(await codeOf(exportModel(storage, KEY))).toBe('integrity-mismatch')
      }
    })

    it('imports nothing of a file that is cut anywhere, and leaves what was stored', async () => {
      const storage = await openOne()
      const before = await storeModel(storage, KEY)
      const bytes = await bytesOf(await exportModel(storage, KEY))
      for (
        let length = 0;
        length < bytes.byteLength;
        length += length < 60 || length > bytes.byteLength - 50 ? 1 : 37
      ) {
        const code = await codeOf(importModel(storage, new Blob([bytes.subarray(0, length)])))
        expect(code).toBe(length < 16 ? 'model-invalid' : 'integrity-mismatch')
      }
      expect(await codeOf(importModel(storage, new Blob([bytes, 'x'])))).toBe('integrity-mismatch')
      await expectOnly(storage, before)
    })

    it('imports nothing of a file with one other bit, and leaves what was stored', async () => {
      const storage = await openOne()
      const before = await storeModel(storage, KEY)
      const bytes = await bytesOf(await exportModel(storage, KEY))
      const random = seededRandom(7)
      const tail = bytes.byteLength - 32
      const everywhere = Array.from({ length: 60 }, () => Math.floor(random() * bytes.byteLength))
      const files = Array.from({ length: 36 }, (_, index) => tail - 36 + index)
      for (const place of [...Array.from({ length: 16 }, (_, index) => index), ...files, ...everywhere]) {
        const changed = bytes.slice()
        changed[place] = (changed[place] ?? 0) ^ (1 << Math.floor(random() * 8))
        const code = await codeOf(importModel(storage, new Blob([changed])))
        expect(['model-invalid', 'integrity-mismatch'], `byte ${place}`).toContain(code)
      }
      await expectOnly(storage, before)
    })

    it('stops between chunks when its signal aborts', async () => {
      const storage = await openOne()
      await storeModel(storage, KEY)
      const file = await exportModel(storage, KEY)
      const reason = new Error('enough')
      for (const call of [
        (signal: AbortSignal) => verifyModels(storage, { signal }),
        (signal: AbortSignal) => exportModel(storage, KEY, signal),
        (signal: AbortSignal) => importModel(storage, file, { signal }),
        (signal: AbortSignal) => deleteModel(storage, KEY, { signal }),
        (signal: AbortSignal) => clearModels(storage, { signal }),
      ]) {
        expect(await call(AbortSignal.abort(reason)).catch((error: unknown) => error)).toBe(reason)
      }
      expect(await verifyModels(storage, {})).toMatchObject({ isOk: true, orphanChunks: 0, models: [{ key: KEY }] })
    })
  })
}

/** Stores the files of {@link FILES} as a load does. */
async function storeModel(storage: RecordStorage, key: string): Promise<StoredModel> {
  const store = new ModelStore(storage, CHUNK_BYTES)
  const generation = crypto.randomUUID()
  const files = []
  for (const [path, text] of Object.entries(FILES)) {
    const bytes = new TextEncoder().encode(text)
    const version = { etag: '"v1"', commit: 'c0ffee', totalBytes: bytes.byteLength }
    const writer = store.startFile({ key, generation, path }, version)
    for (let start = 0; start < bytes.byteLength; start += CHUNK_BYTES) {
      await writer.append(bytes.slice(start, start + CHUNK_BYTES))
    }
    files.push(await writer.complete(path === 'config.json' ? await digestOf(text) : undefined))
  }
  const absentPaths = ['2_Dense/config.json']
  const model = await store.commitModel({ key, name: 'owner/name', generation, files, absentPaths, commit: 'c0ffee' })
  await store.touch(key, 1234)
  return model
}

async function startDownload(storage: RecordStorage, key: string): Promise<void> {
  const writer = new ModelStore(storage, CHUNK_BYTES).startFile(
    { key, generation: crypto.randomUUID(), path: 'model.safetensors' },
    { etag: undefined, commit: undefined, totalBytes: 100 },
  )
  for (const fill of [1, 2]) await writer.append(new Uint8Array(CHUNK_BYTES).fill(fill))
}

async function expectOnly(storage: RecordStorage, model: StoredModel): Promise<void> {
  expect(await storage.list('models', [])).toEqual([{ key: [model.key], value: model }])
  expect(await storage.keys('downloads', [])).toEqual([])
  expect(await verifyModels(storage, {})).toMatchObject({ isOk: true, orphanChunks: 0 })
}

async function digestOf(text: string): Promise<string> {
  return sha256Hex(new TextEncoder().encode(text))
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer())
}

/** @see {@link https://en.wikipedia.org/wiki/Lehmer_random_number_generator | Lehmer, with the minimal standard's multiplier} */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
