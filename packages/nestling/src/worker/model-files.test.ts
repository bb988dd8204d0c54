import 'fake-indexeddb/auto'
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { codeOf } from '@nestling/testing/outcome'
import { deleteDB, openDB } from 'idb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../store/records/open-database.js'
import { openStorage } from '../store/records/open-storage.js'
import { webLocks } from '@nestling/kit/locks/web-locks'
import { takeTurn } from '../store/models/model-turn.js'
import type { StoredModel } from '../store/models/stored-model.js'
import { ModelStore } from '../store/models/model-store.js'
import type { ProgressEvent } from '../wire/progress.js'
import type { CacheRequest, LoadRequest, ModelLocation } from '../wire/protocol.js'
import { LoadProgress } from './load-progress.js'
import { withModelFiles, type FilesHistory, type ModelReading } from './model-files.js'

const CHUNK_BYTES = 2 ** 18
const HALF = CHUNK_BYTES + 30_000
const WEIGHTS = bodyOf(CHUNK_BYTES + 100_000, 1)
const CONFIG = new TextEncoder().encode('{"a":1}')

/** What a server has. */
interface Served {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly headers?: Record<string, string>
  /** Breaks off after so many bytes. */
  readonly breakAfter?: number
  /** Waits for this before the second half. */
  readonly pause?: () => Promise<unknown>
}

let server: Server
let base: string
let served: Map<string, Served>
let asked: string[]

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m/`
})
afterAll(() => {
  server.close()
})
beforeEach(() => {
  asked = []
  served = new Map([
    ['config.json', { bytes: CONFIG }],
    ['model.safetensors', { bytes: WEIGHTS }],
  ])
})
afterEach(() => deleteDB('nestling'))

function bodyOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, index) => (index * 31 + seed) % 253)
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').replace(/\?.*/, '').replace(/^\/m\/|^\/owner\/m\/resolve\/main\//, '')
  const { range } = request.headers
  asked.push(range === undefined ? path : `${path} ${range}`)
  const file = served.get(path)
  if (file === undefined) {
    response.writeHead(404).end()
    return
  }
  const start = Number(/\d+/.exec(range ?? '')?.[0] ?? 0)
  const { bytes, breakAfter, pause } = file
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': bytes.length - start,
    'accept-ranges': 'bytes',
    etag: `"${sha256(bytes).slice(0, 8)}"`,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    ...file.headers,
  })
  if (breakAfter !== undefined) {
    if (breakAfter > start) await new Promise((resolve) => response.write(bytes.subarray(start, breakAfter), resolve))
    setTimeout(() => request.socket.destroy(), 30)
    return
  }
  if (pause !== undefined) {
    response.write(bytes.subarray(start, HALF))
    await pause()
    response.end(bytes.subarray(HALF))
  } else response.end(bytes.subarray(start))
}

const URL_MODEL = (): ModelLocation => ({ kind: 'url', name: 'm', baseUrl: `${base}?signature=secret#x` })

interface Read {
  readonly config: string | undefined
  readonly modules: string | undefined
  readonly weights: Uint8Array
}

async function readAll({ folder }: ModelReading): Promise<Read> {
  folder.announce(['config.json', 'model.safetensors'])
  const [modules, config] = await Promise.all([folder.readTextOptional('modules.json'), folder.readText('config.json')])
  return { config, modules, weights: await folder.read('model.safetensors') }
}

function load(
  cache: Partial<CacheRequest> = {},
  { model = URL_MODEL(), work = readAll, events = [], open = openStorage }: Partial<LoadHow> = {},
): Promise<Read & FilesHistory> {
  const request = {
    model,
    cache: { weights: 'auto', onQuota: 'error', embeddings: undefined, ...cache },
  } as LoadRequest
  const progress = new LoadProgress((event) => events.push(event))
  return withModelFiles({ request, progress, open, chunkBytes: CHUNK_BYTES }, work)
}

interface LoadHow {
  readonly model: ModelLocation
  readonly work: (files: ModelReading) => Promise<Read>
  readonly events: ProgressEvent[]
  readonly open: typeof openStorage
}

async function stored(): Promise<{ models: StoredModel[]; chunks: number; downloads: number }> {
  const database = await openDatabase()
  const models = await database.getAll('models')
  const [chunks, downloads] = [await database.count('chunks'), await database.count('downloads')]
  database.close()
  return { models, chunks, downloads }
}

const isWeights = (bytes: Uint8Array, expected: Uint8Array = WEIGHTS): boolean => Buffer.compare(bytes, expected) === 0

describe('a model that is loaded again', () => {
  it('comes from the store, what it lacks included, with the same bytes and no request', async () => {
    const first = await load()
    expect(first.cache).toMatchObject({ storage: 'indexeddb', reason: undefined, weights: 'downloaded' })
    expect(asked.sort()).toEqual(['config.json', 'model.safetensors', 'modules.json'])
    asked = []
    const events: ProgressEvent[] = []
    const second = await load({}, { events })
    expect(asked).toEqual([])
    expect(second).toMatchObject({ config: '{"a":1}', modules: undefined, cache: { weights: 'stored' }, warnings: [] })
    expect(isWeights(second.weights)).toBe(true)
    const total = WEIGHTS.length + CONFIG.length
    expect(events.at(-1)).toMatchObject({ loadedBytes: total, totalBytes: total })
    const { models } = await stored()
    expect(models).toMatchObject([{ key: `url:${base}`, name: 'm', absentPaths: ['modules.json'], sizeBytes: total }])
    expect(JSON.stringify(models)).not.toContain('secret')
  })

  it("is not asked for with weights: 'only', and not looked for with 'off'", async () => {
    expect(await codeOf(load({ weights: 'only' }))).toBe('model-not-found')
    expect(asked).toEqual([])
    expect((await load({ weights: 'off' })).cache).toMatchObject({ storage: 'off', weights: 'not-stored' })
    expect((await stored()).models).toEqual([])
    await load()
    asked = []
    expect((await load({ weights: 'only' })).cache.weights).toBe('stored')
    expect((await load({ weights: 'off' })).cache.weights).toBe('not-stored')
    expect(asked).toHaveLength(3)
  })

  it("is downloaded again with weights: 'reload'", async () => {
    await load()
    served.set('model.safetensors', { bytes: bodyOf(500, 7) })
    expect(isWeights((await load()).weights)).toBe(true)
    const reloaded = await load({ weights: 'reload' })
    expect(reloaded.cache.weights).toBe('downloaded')
    expect(isWeights((await load()).weights, bodyOf(500, 7))).toBe(true)
    expect((await stored()).chunks).toBe(2)
  })

  it('is downloaded again where a chunk is damaged, with a warning', async () => {
    await load()
    const database = await openDatabase()
    const [key] = (await database.getAllKeys('chunks')).filter((parts) => parts[2] === 'model.safetensors')
    await database.put('chunks', bodyOf(CHUNK_BYTES, 2), key)
    database.close()
    expect(await codeOf(load({ weights: 'only' }))).toBe('integrity-mismatch')
    asked = []
    const { weights, cache, warnings } = await load()
    expect(isWeights(weights)).toBe(true)
    expect(asked).toContain('model.safetensors')
    expect(cache).toMatchObject({ weights: 'downloaded', reason: undefined })
    expect(warnings).toMatchObject([{ kind: 'cache-unavailable', message: /chunk 0 is damaged/ }].map(withPattern))
    expect((await load()).cache.weights).toBe('stored')
  })

  it('gets files that it lacks, and keeps them too', async () => {
    const some = async ({ folder }: ModelReading): Promise<Read> => {
      return { config: await folder.readText('config.json'), modules: undefined, weights: CONFIG }
    }
    await load({}, { work: some })
    asked = []
    await load()
    expect(asked).not.toContain('config.json')
    asked = []
    expect((await load()).cache.weights).toBe('stored')
    expect(asked).toEqual([])
  })
})

describe('a model that is read while another tab has it', () => {
  const NEWER = bodyOf(500, 7)

  it('is read anew, without a warning, where that tab puts a newer one in its place', async () => {
    await load()
    let reads = 0
    const work = async (files: ModelReading): Promise<Read> => {
      await files.folder.readText('config.json')
      if (++reads === 1) {
        served.set('model.safetensors', { bytes: NEWER })
        expect((await load({ weights: 'reload' })).cache.weights).toBe('downloaded')
        asked = []
      }
      return readAll(files)
    }
    const { weights, cache, warnings } = await load({}, { work })
    expect(isWeights(weights, NEWER)).toBe(true)
    expect(asked).toEqual([])
    expect([reads, cache.weights, warnings]).toEqual([2, 'stored', []])
  })

  it('is downloaded where that tab deletes it', async () => {
    await load()
    let reads = 0
    const work = async (files: ModelReading): Promise<Read> => {
      await files.folder.readText('config.json')
      if (++reads === 1) {
        const { storage } = await openStorage()
        await new ModelStore(storage).deleteModel(`url:${base}`)
        storage.close()
      }
      return readAll(files)
    }
    const { weights, cache } = await load({}, { work })
    expect(isWeights(weights)).toBe(true)
    expect([reads, cache.weights]).toEqual([2, 'downloaded'])
    expect((await stored()).models).toHaveLength(1)
  })

  it('gets a file that it lacks, which is not kept as long as that tab writes', async (ctx) => {
    if (webLocks() === undefined) ctx.skip('this Node has no Web Locks, which 24.5 and newer have')
    const some = async ({ folder }: ModelReading): Promise<Read> => {
      return { config: await folder.readText('config.json'), modules: undefined, weights: CONFIG }
    }
    await load({}, { work: some })
    const before = await stored()
    const turn = await takeTurn(`url:${base}`)
    const { weights, cache, warnings } = await load()
    expect(isWeights(weights)).toBe(true)
    expect(cache.weights).toBe('not-stored')
    expect(cache.reason).toMatch(/another tab is writing/)
    expect(warnings).toHaveLength(1)
    expect(await stored()).toEqual(before)
    turn?.end()
    await expect.poll(async () => (await load()).cache.weights).toBe('downloaded')
    expect((await load()).cache.weights).toBe('stored')
  })
})

describe('a download that broke', () => {
  const broken = (): void => {
    served.set('model.safetensors', { bytes: WEIGHTS, breakAfter: HALF })
  }

  it('goes on from the last whole chunk', async () => {
    broken()
    expect(await codeOf(load())).toBe('model-fetch-failed')
    expect(await stored()).toMatchObject({ models: [], chunks: 2 })
    served.set('model.safetensors', { bytes: WEIGHTS })
    asked = []
    const { weights } = await load()
    expect(isWeights(weights)).toBe(true)
    expect(asked.filter((path) => path.startsWith('model'))).toEqual([`model.safetensors bytes=${CHUNK_BYTES}-`])
    expect(isWeights((await load({ weights: 'only' })).weights)).toBe(true)
  })

  it('asks for the last byte alone of a file that was complete', async () => {
    const failing = async (files: ModelReading): Promise<Read> => {
      await readAll(files)
      return { config: undefined, modules: await files.folder.readText('late.json'), weights: CONFIG }
    }
    served.set('late.json', { bytes: CONFIG, breakAfter: 1 })
    expect(await codeOf(load({}, { work: failing }))).toBe('model-fetch-failed')
    asked = []
    expect(isWeights((await load()).weights)).toBe(true)
    expect(asked).toContain(`model.safetensors bytes=${WEIGHTS.length - 1}-`)
  })

  it('starts again where the file has changed', async () => {
    broken()
    await codeOf(load())
    const changed = bodyOf(WEIGHTS.length, 9)
    served.set('model.safetensors', { bytes: changed })
    expect(isWeights((await load()).weights, changed)).toBe(true)
    expect(isWeights((await load({ weights: 'only' })).weights, changed)).toBe(true)
  })
})

describe('what is never stored', () => {
  const listed = (sizeBytes: number, digest: string): ModelLocation => ({
    kind: 'listed',
    name: 'm',
    files: [
      { path: 'config.json', text: '{"a":1}' },
      { path: 'model.safetensors', url: `${base}model.safetensors`, sizeBytes, sha256: digest },
    ],
  })

  it.each<[string, () => ModelLocation, string]>([
    ['a page in place of weights', URL_MODEL, 'model-not-found'],
    ['weights of another length', () => listed(WEIGHTS.length - 1, sha256(WEIGHTS)), 'integrity-mismatch'],
    ['weights with another digest', () => listed(WEIGHTS.length, sha256(CONFIG)), 'integrity-mismatch'],
  ])('%s', async (what, model, code) => {
    if (what.startsWith('a page')) {
      served.set('model.safetensors', { bytes: CONFIG, headers: { 'content-type': 'text/html' } })
    }
    expect(await codeOf(load({}, { model: model() }))).toBe(code)
    expect(await stored()).toEqual({ models: [], chunks: 0, downloads: 0 })
  })

  it('texts of a manifest, which are there anyway', async () => {
    const model = listed(WEIGHTS.length, sha256(WEIGHTS))
    await load({}, { model })
    const [manifest] = (await stored()).models
    expect(manifest?.key).toMatch(/^package:m:[0-9a-f]{16}$/)
    expect(manifest?.files).toMatchObject([{ path: 'model.safetensors', sha256: sha256(WEIGHTS) }])
    asked = []
    expect((await load({ weights: 'only' }, { model })).config).toBe('{"a":1}')
    expect(asked).toEqual([])
  })
})

describe('a repository of a hub', () => {
  const model = (): ModelLocation => {
    return { kind: 'hub', name: 'owner/m', endpoint: new URL(base).origin, revision: 'main', token: undefined }
  }
  const commitOf = (commit: string): Pick<Served, 'headers'> => ({ headers: { 'x-repo-commit': commit } })

  it('is read again, once, where it changes in the middle', async () => {
    served.set('config.json', { bytes: CONFIG, ...commitOf('old') })
    served.set('model.safetensors', { bytes: WEIGHTS, ...commitOf('new') })
    const work = async (files: ModelReading): Promise<Read> => {
      await files.folder.readText('config.json')
      served.set('config.json', { bytes: CONFIG, ...commitOf('new') })
      return readAll(files)
    }
    const { warnings } = await load({}, { model: model(), work })
    expect(warnings).toMatchObject([{ message: /changed from commit old to new/ }].map(withPattern))
    const [manifest] = (await stored()).models
    expect(manifest).toMatchObject({ key: `hub:${new URL(base).origin}/owner/m@main`, commit: 'new' })
  })

  it('is refused where it changes again and again', async () => {
    served.set('config.json', { bytes: CONFIG, ...commitOf('one') })
    served.set('model.safetensors', { bytes: WEIGHTS, ...commitOf('two') })
    expect(await codeOf(load({}, { model: model() }))).toBe('integrity-mismatch')
    expect(asked.filter((path) => path === 'config.json')).toHaveLength(2)
    expect(await stored()).toEqual({ models: [], chunks: 0, downloads: 0 })
  })
})

describe('without a store', () => {
  it('goes on where a newer page takes the database away in the middle', async () => {
    let newer: Awaited<ReturnType<typeof openDB>> | undefined
    const pause = async (): Promise<void> => {
      newer = await openDB('nestling', 1000)
    }
    served.set('model.safetensors', { bytes: WEIGHTS, pause })
    const { weights, cache, warnings } = await load()
    newer?.close()
    expect(isWeights(weights)).toBe(true)
    expect(cache).toMatchObject({ weights: 'not-stored', reason: expect.stringMatching(/newer version/) as string })
    expect(warnings).toMatchObject([{ kind: 'cache-unavailable' }])
  })

  it('goes on where storage is blocked, and says so', async () => {
    const open = (): ReturnType<typeof openStorage> =>
      openStorage(() => Promise.reject(new DOMException('denied', 'SecurityError')))
    const { weights, cache, warnings } = await load({}, { open })
    expect(isWeights(weights)).toBe(true)
    expect(cache).toMatchObject({
      storage: 'memory',
      weights: 'not-stored',
      reason: expect.stringMatching(/denied/) as string,
    })
    expect(warnings).toMatchObject([{ kind: 'cache-unavailable' }])
    expect(await codeOf(load({ weights: 'only' }, { open }))).toBe('model-not-found')
  })

  it('reads files of this machine', async () => {
    const blobs = new Map([...served].map(([path, { bytes }]) => [path, new Blob([bytes])]))
    const { cache } = await load({}, { model: { kind: 'blobs', name: 'm', blobs } })
    expect(cache).toMatchObject({ storage: 'off', weights: 'local' })
    expect(await indexedDB.databases()).toEqual([])
  })
})

function withPattern<T extends { readonly message: RegExp }>(warning: T): T {
  return { ...warning, message: expect.stringMatching(warning.message) as unknown }
}
