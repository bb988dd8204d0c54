import type { HubRequest } from '@nestling/testing/hub'
import { isEmbedderError, load, plan, type EmbedderError, type LoadOptions, type ModelSource } from 'nestling'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    hubUrl: string
  }
}

const HUB = inject('hubUrl')
const WASM: LoadOptions = { device: 'wasm' }
const ON_HUB: LoadOptions = { ...WASM, endpoint: HUB }
const TOKEN = 'hf_imitationToken0123456789'
const FIXTURE = '/fixtures/bert-mean-normalize'
const PATHS = [
  'config.json',
  'modules.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  '1_Pooling/config.json',
]

async function fromHub(path: string): Promise<unknown> {
  return (await fetch(`${HUB}/-/${path}`)).json()
}

async function requestsOf(id: string): Promise<HubRequest[]> {
  const requests = (await fromHub('requests')) as HubRequest[]
  return requests.filter(({ path }) => path.startsWith(`/${id}/`))
}

/** Workers that were started and not ended. */
let workers: Set<Worker>
const OriginalWorker = globalThis.Worker

beforeEach(async () => {
  // What one test has stored, such as a private model, another must not find.
  await settled(indexedDB.deleteDatabase('nestling'))
  workers = new Set()
  globalThis.Worker = class extends OriginalWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options)
      workers.add(this)
    }

    override terminate(): void {
      super.terminate()
      workers.delete(this)
    }
  }
})
afterEach(() => {
  globalThis.Worker = OriginalWorker
})

async function fixtureBlobs(): Promise<Map<string, Blob>> {
  const blobs = PATHS.map(async (path) => [path, await (await fetch(`${FIXTURE}/${path}`)).blob()] as const)
  return new Map(await Promise.all(blobs))
}

/** The space id, which holds the digests of weights and tokenizer, and a vector. */
async function loadAndEncode(model: ModelSource, options: LoadOptions = WASM): Promise<{ id: string; data: number[] }> {
  const embedder = await load(model, options)
  try {
    const { space, data } = await embedder.encode('It is well.')
    return { id: space.id, data: Array.from(data) }
  } finally {
    await embedder.dispose()
  }
}

async function failure(model: ModelSource, options: LoadOptions): Promise<EmbedderError> {
  const error: unknown = await load(model, options).catch((caught: unknown) => caught)
  if (isEmbedderError(error)) return error
  throw new Error('It did not fail with a typed error', { cause: error })
}

/** Everything in every database of this origin. */
async function storedInDatabases(): Promise<unknown[]> {
  const found: unknown[] = []
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name))
    for (const store of database.objectStoreNames) {
      const records = database.transaction(store).objectStore(store)
      found.push(name, store, await settled(records.getAllKeys()))
      found.push(await settled(database.transaction(store).objectStore(store).getAll()))
    }
    database.close()
  }
  return found
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result)
    }
    request.onerror = () => {
      reject(request.error ?? new Error('no reason'))
    }
  })
}

describe('one model from every source', () => {
  it('has the same space and the same vectors', async () => {
    const expected = await loadAndEncode(FIXTURE)
    const blobs = await fixtureBlobs()
    const files = [...blobs].map(([path, blob]) => {
      const file = new File([blob], path)
      Object.defineProperty(file, 'webkitRelativePath', { value: `my-model/${path}` })
      return file
    })
    expect(await loadAndEncode('tiny/bert', ON_HUB)).toEqual(expected)
    expect(await loadAndEncode(new URL(FIXTURE, location.href))).toEqual(expected)
    expect(await loadAndEncode(files)).toEqual(expected)
    expect(await loadAndEncode(blobs)).toEqual(expected)
    const bytes = [...blobs].map(async ([path, blob]) => [path, new Uint8Array(await blob.arrayBuffer())] as const)
    expect(await loadAndEncode(Object.fromEntries(await Promise.all(bytes)))).toEqual(expected)
    expect(workers.size).toBe(0)
  })

  it('comes from the files of an input element', async () => {
    const transfer = new DataTransfer()
    for (const [path, blob] of await fixtureBlobs()) {
      // Without a folder the path is the name; a slash in it stands for one.
      transfer.items.add(new File([blob], path))
    }
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.files = transfer.files
    const embedder = await load(input.files, WASM)
    expect(embedder.report.model).toBe('local files')
    await embedder.dispose()
  })

  it('comes from a directory handle', async () => {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle('my-model', { create: true })
    try {
      for (const [path, blob] of await fixtureBlobs()) {
        const parts = path.split('/')
        const name = parts.pop() ?? ''
        let parent = folder
        for (const part of parts) parent = await parent.getDirectoryHandle(part, { create: true })
        const writable = await (await parent.getFileHandle(name, { create: true })).createWritable()
        await writable.write(blob)
        await writable.close()
      }
      const embedder = await load(folder, WASM)
      expect(embedder.report.model).toBe('my-model')
      await embedder.dispose()
      expect(await loadAndEncode(folder)).toEqual(await loadAndEncode(FIXTURE))
      await folder.removeEntry('config.json')
      expect((await failure(folder, WASM)).details).toMatchObject({ path: 'config.json' })
    } finally {
      await root.removeEntry('my-model', { recursive: true })
    }
  })
})

describe('a hub id', () => {
  it('is the name of the model, and a branch is its revision', async () => {
    const embedder = await load('tiny/branch', { ...ON_HUB, revision: 'refs/pr/1' })
    expect(embedder.report.model).toBe('tiny/branch')
    expect((await embedder.encode('a')).space.model).toBe('tiny/branch')
    await embedder.dispose()
  })

  it('sends its token to the hub, and not to where the hub redirects', async () => {
    const events: unknown[] = []
    const options = { ...ON_HUB, token: TOKEN, onProgress: (event: unknown) => events.push(event) }
    const embedder = await load('tiny/private', options)
    await embedder.dispose()
    const requests = await requestsOf('tiny/private')
    const sent = requests.filter(({ authorization }) => authorization !== null)
    expect(sent.map(({ host }) => host)).toEqual(Array.from({ length: 10 }, () => 'hub'))
    expect(sent.every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true)
    expect(requests.filter(({ host }) => host === 'storage')).toEqual([
      expect.objectContaining({ path: '/tiny/private/model.safetensors', authorization: null }),
    ])
    expect(JSON.stringify(events) + JSON.stringify(embedder.report)).not.toContain(TOKEN)
    const urls = performance.getEntriesByType('resource').map(({ name }) => name)
    expect(JSON.stringify([...urls, localStorage, document.cookie])).not.toContain(TOKEN)
    expect(JSON.stringify(await storedInDatabases())).not.toContain(TOKEN)
    expect(await caches.keys()).toEqual([])
  })

  it('goes on from where a connection broke', async () => {
    expect(await loadAndEncode('faults/broken-once', ON_HUB)).toEqual(await loadAndEncode(FIXTURE))
    const requests = await requestsOf('faults/broken-once')
    const ranges = requests.filter(({ host }) => host === 'storage').map(({ range }) => range)
    expect(ranges).toEqual([null, expect.stringMatching(/^bytes=\d+-$/)])
  })

  it.each<[string, LoadOptions, string]>([
    ['faults/401', {}, 'model-unauthorized'],
    ['faults/403', {}, 'model-unauthorized'],
    ['faults/404', {}, 'model-not-found'],
    ['faults/429-seconds', {}, 'model-rate-limited'],
    ['faults/500', {}, 'model-fetch-failed'],
    ['faults/html', {}, 'model-not-found'],
    ['faults/short', {}, 'model-invalid'],
    ['faults/broken', {}, 'model-fetch-failed'],
    ['tiny/pickle', {}, 'weights-missing'],
    ['tiny/private', { token: 'hf_wrong' }, 'model-unauthorized'],
    ['tiny/bert', { revision: 'nothing' }, 'model-not-found'],
  ])('that cannot be loaded fails in seconds and leaves nothing behind: %s', async (id, options, code) => {
    const started = performance.now()
    const error = await failure(id, { ...ON_HUB, ...options })
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(error.code).toBe(code)
    if (code === 'model-rate-limited') expect(error.details).toMatchObject({ retryAfterMs: 7000 })
    expect(JSON.stringify(error) + error.message).not.toContain('hf_')
    expect(workers.size).toBe(0)
  })

  it('that is given up on leaves no download behind', async () => {
    const controller = new AbortController()
    const loading = load('faults/slow', { ...ON_HUB, signal: controller.signal })
    await expect.poll(() => fromHub('open'), { timeout: 5000 }).toBe(1)
    controller.abort('enough')
    await expect(loading).rejects.toBe('enough')
    expect(workers.size).toBe(0)
    await expect.poll(() => fromHub('open'), { timeout: 5000 }).toBe(0)
  })

  it('refuses its options for anything else', async () => {
    await expect(load(FIXTURE, { ...WASM, token: TOKEN })).rejects.toThrow(/^Cannot .* token is for a hub id/)
    await expect(plan(FIXTURE, { revision: 'main' })).rejects.toThrow(TypeError)
    expect(await plan('tiny/bert', ON_HUB)).toMatchObject({ device: 'wasm' })
  })
})

describe('a broken folder', () => {
  it.each<[string, Record<string, string>, string]>([
    ['weights that are cut', { 'model.safetensors': '12345' }, 'model-invalid'],
    ['a header of 4 GB', { 'model.safetensors': '\0\0\0\0\x01\0\0\0{}' }, 'model-invalid'],
    ['a path out of the folder', { 'modules.json': '[{"type":"x.Transformer","path":"../../.."}]' }, 'model-invalid'],
    ['an absurd config', { 'config.json': '{"model_type":"bert","hidden_size":1e300}' }, 'model-invalid'],
    ['a tokenizer without a model', { 'tokenizer.json': '{}' }, 'model-invalid'],
    ['a tokenizer of another shape', { 'tokenizer.json': '{"model":7,"added_tokens":{}}' }, 'model-unsupported'],
    ['a normalizer of another shape', { 'tokenizer.json': '{"model":{},"normalizer":[]}' }, 'model-unsupported'],
  ])('fails in seconds and leaves nothing behind: %s', async (_, changes, code) => {
    const blobs = await fixtureBlobs()
    for (const [path, text] of Object.entries(changes)) blobs.set(path, new Blob([text]))
    const started = performance.now()
    expect((await failure(blobs, WASM)).code).toBe(code)
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(workers.size).toBe(0)
  })
})

describe('the seed model', () => {
  it('loads by its id: 768 dims, 512 tokens, cut to 64', async () => {
    const id = 'mrm8488/distilroberta-base-ft-allnli-matryoshka-768-16-1e-128bs'
    const embedder = await load(id, ON_HUB)
    expect(embedder).toMatchObject({ dim: 768, maxSeqLength: 512, similarityFunction: 'cosine' })
    expect(embedder.report.model).toBe(id)
    const texts = ['It is well.', "That's convenient.", 'away from the children']
    const embeddings = await embedder.encode(texts)
    expect(embeddings.shape).toEqual([3, 768])
    expect(embeddings.data.every(Number.isFinite)).toBe(true)
    const cut = await embedder.encode(texts, { truncateDim: 64 })
    expect(cut.shape).toEqual([3, 64])
    for (const row of [0, 1, 2]) {
      const full = embeddings.data.subarray(row * 768, row * 768 + 64)
      expect(
        Math.max(...full.map((value, index) => Math.abs(value - (cut.data[row * 64 + index] ?? NaN)))),
      ).toBeLessThan(1e-4)
    }
    await embedder.dispose()
    const requests = await requestsOf(id)
    expect(requests.filter(({ host }) => host === 'storage').map(({ path }) => path)).toEqual([
      `/${id}/model.safetensors`,
    ])
  })
})
