import { codeOf } from '@nestling/testing/outcome'
import { sha256Hex } from '../../model/sha256.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EmbedderError, isEmbedderError } from '../../wire/embedder-error.js'
import { FailingStorage } from '../records/failing-storage.contract.js'
import { ModelSession, type SessionOptions } from './model-session.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredModel } from './stored-model.js'
import { verifyModels } from './verify-models.js'
import { ModelStore } from './model-store.js'

const CHUNK = 100
const KEY = 'url:https://x.test/m/'
const FILES = { 'config.json': bytesOf(30, 1), 'model.safetensors': bytesOf(250, 2) }
const FULL = new EmbedderError('quota-exceeded', 'Cannot store more')

function bytesOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, index) => (index * 7 + seed) % 251)
}

/**
 * Says what every store of weights does. The same suite runs in memory, on fake-indexeddb and in real browsers.
 *
 * @param name - The storage.
 * @param wipe - Deletes all that was stored.
 */
export function describeModelStore(
  name: string,
  open: () => Promise<RecordStorage>,
  wipe: () => Promise<unknown>,
): void {
  describe(`ModelStore in ${name}`, () => {
    let storage: FailingStorage
    let store: ModelStore

    beforeEach(async () => {
      storage = new FailingStorage(await open())
      store = new ModelStore(storage, CHUNK)
    })
    afterEach(async () => {
      storage.close()
      await wipe()
    })

    const session = (options: Partial<SessionOptions> = {}): Promise<ModelSession> =>
      ModelSession.open({ store, key: KEY, name: 'm', weights: 'auto', onQuota: 'error', ...options })

    /** Downloads all files and makes them the model. */
    async function storeAll(options: Partial<SessionOptions> = {}, files: Files = FILES): Promise<ModelSession> {
      const load = await session(options)
      try {
        for (const [path, bytes] of Object.entries(files)) await download(load, path, bytes)
        await load.commit()
        await load.close()
      } catch (error) {
        await load.close(error)
        throw error
      }
      return load
    }

    it('gives back what was stored, with the digests that were told', async () => {
      const load = await session()
      for (const [path, bytes] of Object.entries(FILES)) await download(load, path, bytes)
      load.noteAbsent('modules.json')
      load.noteSha256('config.json', 'abc')
      await load.commit()
      await load.close()
      expect(load.outcome).toBe('downloaded')
      const next = await session()
      for (const [path, bytes] of Object.entries(FILES)) {
        expect(next.lookUp(path)).toMatchObject({ sizeBytes: bytes.length })
        const counts: number[] = []
        expect(await next.read(path, { onBytes: (count) => counts.push(count) })).toEqual(bytes)
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(bytes.length)
      }
      expect(next.lookUp('modules.json')).toBe('absent')
      expect(next.lookUp('other.json')).toBeUndefined()
      expect(next.sha256Of('config.json')).toBe('abc')
      await next.commit()
      expect(next.outcome).toBe('stored')
      expect(await store.sizeBytes()).toBe(280)
      expect(await store.listDownloads()).toEqual([])
    })

    it('has no model before the manifest, which is written last and at once', async () => {
      const load = await session()
      for (const [path, bytes] of Object.entries(FILES)) await download(load, path, bytes)
      expect(await store.find(KEY)).toBeUndefined()
      storage.failAt(1, FULL)
      await expect(load.commit()).rejects.toBe(FULL)
      expect(await store.find(KEY)).toBeUndefined()
      expect(await store.listDownloads(KEY)).toHaveLength(2)
    })

    it('does not make a model of which another tab has deleted a part', async () => {
      const load = await session()
      for (const [path, bytes] of Object.entries(FILES)) await download(load, path, bytes)
      await store.deleteModel(KEY)
      await load.commit()
      expect(load.problem).toMatch(/parts of it were deleted meanwhile/)
      expect(load.outcome).toBe('not-stored')
      expect(await store.find(KEY)).toBeUndefined()
    })

    it('keeps chunks of a file that broke off, and goes on with them', async () => {
      const broken = await session()
      await download(broken, 'model.safetensors', FILES['model.safetensors'], { until: 230 })
      await broken.close(new EmbedderError('model-fetch-failed', 'broke'))
      const next = await session()
      const sink = next.sinkOf('model.safetensors')
      const into = new Uint8Array(250)
      expect(await sink.open()).toEqual({ loadedBytes: 200, totalBytes: 250, etag: '"1"' })
      expect(await sink.readKept(into)).toBe(true)
      expect(into.subarray(0, 200)).toEqual(FILES['model.safetensors'].subarray(0, 200))
      await sink.finish(FILES['model.safetensors'], undefined)
      await next.commit()
      expect(await (await session()).read('model.safetensors')).toEqual(FILES['model.safetensors'])
    })

    it('starts a file again whose kept chunks are damaged or of another version', async () => {
      const broken = await session()
      await download(broken, 'model.safetensors', FILES['model.safetensors'], { until: 230 })
      await broken.close(new EmbedderError('model-fetch-failed', 'broke'))
      const [kept] = await store.listDownloads(KEY)
      const key = [KEY, kept?.generation ?? '', 'model.safetensors', 1]
      await storage.commit([{ put: 'chunks', key, value: bytesOf(100, 9) }])
      const next = await session()
      const sink = next.sinkOf('model.safetensors')
      await sink.open()
      expect(await sink.readKept(new Uint8Array(250))).toBe(false)
      await download(next, 'model.safetensors', bytesOf(120, 5))
      await next.commit()
      expect(await storage.keys('chunks', [KEY])).toHaveLength(2)
      expect(await (await session()).read('model.safetensors')).toEqual(bytesOf(120, 5))
    })

    it.each(['model-invalid', 'integrity-mismatch'] as const)('keeps nothing of files that are %s', async (code) => {
      const load = await session()
      await download(load, 'model.safetensors', FILES['model.safetensors'])
      await load.close(new EmbedderError(code, 'wrong'))
      expect(await store.listDownloads()).toEqual([])
      expect(await storage.keys('chunks', [])).toEqual([])
    })

    it('keeps nothing of a wrong file where the load goes on without it', async () => {
      const load = await session()
      await download(load, 'config.json', FILES['config.json'])
      const sink = load.sinkOf('golden.json')
      await sink.start({ etag: undefined, commit: undefined, totalBytes: 250 })
      await sink.write(FILES['model.safetensors'], 240)
      await sink.fail(new EmbedderError('integrity-mismatch', 'wrong'))
      await load.commit()
      await load.close()
      expect((await store.find(KEY))?.files.map(({ path }) => path)).toEqual(['config.json'])
      expect(await storage.keys('chunks', [])).toHaveLength(1)
    })

    it('refuses whole files that are not those of the package', async () => {
      await storeAll()
      const path = 'model.safetensors'
      const own = await sha256Hex(FILES[path])
      expect(await (await session()).read(path, { sha256: own })).toEqual(FILES[path])
      const load = await session()
      expect(await codeOf(load.read(path, { sha256: '0'.repeat(64) }))).toBe('integrity-mismatch')
      expect(load.restart).toMatchObject({ how: 'again', isFault: false })
      expect(await store.find(KEY)).toBeUndefined()
    })

    it('finds a damaged chunk, deletes the model and asks for a new load', async () => {
      await storeAll()
      const { generation } = (await store.find(KEY)) as StoredModel
      const key = [KEY, generation, 'model.safetensors', 1]
      await storage.commit([{ put: 'chunks', key, value: bytesOf(100, 9) }])
      expect(await wrongFiles(storage, KEY)).toEqual(['model.safetensors'])
      const offline = await session({ weights: 'only' })
      expect(await codeOf(offline.read('model.safetensors'))).toBe('integrity-mismatch')
      expect(offline.restart).toBeUndefined()
      const load = await session()
      expect(await codeOf(load.read('model.safetensors'))).toBe('integrity-mismatch')
      expect(load.restart).toMatchObject({ how: 'again', isFault: false })
      expect(await store.find(KEY)).toBeUndefined()
      expect(await storage.keys('chunks', [])).toEqual([])
    })

    it('replaces a model only when all of the new one is there', async () => {
      await storeAll()
      const reader = await session()
      const load = await session({ weights: 'reload' })
      await download(load, 'model.safetensors', bytesOf(150, 3))
      expect(await reader.read('model.safetensors')).toEqual(FILES['model.safetensors'])
      await load.commit()
      // A reader that did not hold the lock is told, and never gets a mixture.
      expect(await codeOf(reader.read('config.json'))).toBe('integrity-mismatch')
      expect(await (await session()).read('model.safetensors')).toEqual(bytesOf(150, 3))
      expect(await storage.keys('chunks', [])).toHaveLength(2)
    })

    it('refuses files of two commits, once what was kept is out of the question', async () => {
      const load = await session()
      load.checkCommit('a')
      load.checkCommit(undefined)
      expect(() => {
        load.checkCommit('b')
      }).toThrow(/changed from commit a to b/)
      expect(load.restart).toMatchObject({ how: 'reload', isFault: true })
      const broken = await session()
      await download(broken, 'model.safetensors', FILES['model.safetensors'], { until: 230, commit: 'a' })
      await broken.close(new EmbedderError('model-fetch-failed', 'broke'))
      const resumed = await session()
      expect(() => {
        resumed.checkCommit('b')
      }).toThrow()
      expect(resumed.restart).toMatchObject({ isFault: false })
    })

    describe('on a full disk', () => {
      const writes = 6 // 1 + 3 chunks and two files that are whole; the manifest is the seventh.

      it.each(Array.from({ length: writes + 1 }, (_, index) => index + 1))(
        'fails at write %i, and leaves nothing of it and all that was there',
        async (write) => {
          await storeAll({ key: 'other', name: 'other' })
          storage.failAt(write, FULL)
          await expect(storeAll()).rejects.toBe(FULL)
          expect(await store.find(KEY)).toBeUndefined()
          expect(await store.listDownloads()).toEqual([])
          expect(await storage.keys('chunks', [KEY])).toEqual([])
          expect(await wrongFiles(storage, 'other')).toEqual([])
        },
      )

      it.each(Array.from({ length: writes + 1 }, (_, index) => index + 1))(
        'goes on in memory from write %i on where that is wanted',
        async (write) => {
          storage.failAt(write, FULL)
          const load = await storeAll({ onQuota: 'memory' })
          expect(load.outcome).toBe('not-stored')
          expect(load.problem).toMatch(/is not stored: Cannot store more/)
          expect(await storage.keys('chunks', [])).toEqual([])
          expect(await store.listDownloads()).toEqual([])
        },
      )

      it('deletes what was used longest ago, half downloads first, and no more than it must', async () => {
        for (const [index, key] of ['a', 'b', 'c'].entries()) {
          await storeAll({ key, name: key })
          await store.touch(key, index === 0 ? 30 : index)
        }
        const half = await session({ key: 'half' })
        await download(half, 'x', bytesOf(250, 1), { until: 250 })
        await half.close(new EmbedderError('model-fetch-failed', 'broke'))
        storage.failTimes(2, FULL, (key) => key === KEY)
        const load = await storeAll({ onQuota: 'evict' })
        expect(load.outcome).toBe('downloaded')
        // The half download, then b, which was used at 1; c at 2 and a at 30 stay.
        expect((await store.list()).map(({ key }) => key)).toEqual(['a', 'c', KEY])
        expect(await store.listDownloads()).toEqual([])
        expect(await wrongFiles(storage, 'a')).toEqual([])
      })

      it('fails where deleting everything else is not enough', async () => {
        await storeAll({ key: 'a', name: 'a' })
        storage.failTimes(Infinity, FULL, (key) => key === KEY)
        await expect(storeAll({ onQuota: 'evict' })).rejects.toBe(FULL)
        expect(await store.list()).toEqual([])
      })

      it.each([
        ['error', 'rejects'],
        ['memory', 'not-stored'],
        ['evict', 'downloaded'],
      ] as const)('asks before it downloads: %s', async (onQuota, outcome) => {
        await storeAll({ key: 'a', name: 'a' })
        // Room for 200 bytes, which stays so for a while after something was deleted, as in browsers.
        const estimate = (): Promise<{ usageBytes: number; quotaBytes: number }> =>
          Promise.resolve({ usageBytes: 800, quotaBytes: 1000 })
        const loading = storeAll({ onQuota, estimate }, { 'model.safetensors': FILES['model.safetensors'] })
        const found = await loading.then(
          (load) => load.outcome,
          (error: unknown) => {
            expect(isEmbedderError(error, 'quota-exceeded') && error.details).toEqual({
              neededBytes: 250,
              availableBytes: 200,
            })
            return 'rejects'
          },
        )
        expect(found).toBe(outcome)
        expect(await store.find('a')).toEqual(onQuota === 'evict' ? undefined : expect.anything())
      })
    })

    it('goes on without a store that goes away', async () => {
      const load = await session()
      await download(load, 'config.json', FILES['config.json'])
      storage.failTimes(Infinity, new EmbedderError('store-unavailable', 'Cannot use the store'), () => true)
      await download(load, 'model.safetensors', FILES['model.safetensors'])
      await load.commit()
      expect(load).toMatchObject({
        outcome: 'not-stored',
        problem: expect.stringMatching(/Cannot use the store/) as string,
      })
    })

    it("asks no network with weights: 'only'", async () => {
      expect(await codeOf(session({ weights: 'only' }))).toBe('model-not-found')
      await storeAll()
      const load = await session({ weights: 'only' })
      expect(await load.read('config.json')).toEqual(FILES['config.json'])
      expect(await codeOf(load.sinkOf('other.json').open())).toBe('model-not-found')
      load.noteAbsent('other.json')
      await load.commit()
      expect((await store.find(KEY))?.absentPaths).toEqual([])
    })
  })
}

type Files = Readonly<Record<string, Uint8Array<ArrayBuffer>>>

/** What `fetchFile` does with a sink, without a network: pieces of 40 bytes. */
async function download(
  session: ModelSession,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  { until = Infinity, commit }: { until?: number; commit?: string } = {},
): Promise<void> {
  const sink = session.sinkOf(path)
  await sink.open()
  sink.checkCommit(commit)
  try {
    await sink.start({ etag: '"1"', commit, totalBytes: bytes.length })
    for (let end = 40; end < Math.min(bytes.length, until); end += 40) await sink.write(bytes, end)
    if (until === Infinity) await sink.finish(bytes, undefined)
    else await sink.fail(new EmbedderError('model-fetch-failed', 'broke'))
  } catch (error) {
    await sink.fail(error)
    throw error
  }
}

/** Damaged files of a model that is stored. */
async function wrongFiles(storage: RecordStorage, key: string): Promise<readonly string[] | undefined> {
  const { models } = await verifyModels(storage, { key })
  return models[0]?.wrongFiles
}
