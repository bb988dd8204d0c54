import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type { Worker as Thread } from 'node:worker_threads'
import { minilmL6 } from '@nestling/minilm-l6'
import { cosines, decodeFloats, worstError } from '@nestling/testing'
import { fixturePath, listFixtureFiles, readGolden } from '@nestling/testing/disk'
import { embeddingCache, load, plan, type Embedder, type LoadOptions, type ModelSource } from 'nestling'
import { load as loadOnnx } from 'nestling/onnx'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

// Threads start, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const MODEL = 'bert-mean-normalize'
const FOLDER = fixturePath(MODEL, '').replace(/\/$/, '')
const golden = readGolden(MODEL)
const expected = decodeFloats(golden.embeddings)

const cache = mkdtempSync(join(tmpdir(), 'nestling-node-'))
process.env['NESTLING_CACHE'] = cache

/** Threads that were started. */
let threads: Thread[] = []
const onThread = (thread: Thread): number => threads.push(thread)
process.on('worker', onThread)

const embedders: Embedder[] = []

async function start(model: ModelSource, options?: LoadOptions): Promise<Embedder> {
  const embedder = await load(model, options)
  embedders.push(embedder)
  return embedder
}

beforeEach(() => {
  threads = []
})
afterEach(async () => {
  await Promise.all(embedders.splice(0).map((embedder) => embedder.dispose()))
})
afterAll(() => {
  process.off('worker', onThread)
  rmSync(cache, { recursive: true, force: true })
})

async function failure(call: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  if (!(error instanceof Error)) throw new Error('It did not fail')
  return error
}

async function expectGolden(embedder: Embedder, options = {}): Promise<void> {
  const { data } = await embedder.encode(golden.texts, options)
  expect(worstError(data, expected, golden.dimension)).toBeLessThanOrEqual(1e-5)
}

describe('sources', () => {
  const files = Object.fromEntries(
    readdirSync(FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(FOLDER, path), new Uint8Array(readFileSync(path))]),
  )

  it.each<[string, ModelSource]>([
    ['an absolute path', FOLDER],
    ['a path with a slash at its end', `${FOLDER}/`],
    ['a path from the working directory', `./${relative(process.cwd(), FOLDER)}`],
    ['a file: URL', pathToFileURL(FOLDER)],
    ['the text of a file: URL', pathToFileURL(FOLDER).href],
    ['files in memory', files],
    ['data: URLs', { id: 'listed', version: '1', license: 'MIT', origin: '', files: listFixtureFiles(MODEL) } as never],
  ])('may be %s', async (_, model) => {
    const embedder = await start(model, { cache: false })
    await expectGolden(embedder)
    expect(embedder.report).toMatchObject({ device: 'wasm', engine: 'kernels', dtype: 'fp32' })
  })

  it('of this machine are not stored, and nothing is to be downloaded', async () => {
    const embedder = await start(FOLDER)
    expect(embedder.report.cache).toMatchObject({ storage: 'off', weights: 'local' })
    expect(await plan(FOLDER)).toMatchObject({ device: 'wasm', engine: 'kernels', modelBytes: 0, isCached: false })
    expect(await plan(minilmL6)).toMatchObject({ modelBytes: 0 })
  })

  it.each<[string, string, RegExp]>([
    ['./no-such-folder', 'model-not-found', /no-such-folder\/.*there is no such file/],
    [import.meta.filename, 'model-not-found', /load\.test\.ts\/.*there is no such file/],
    [import.meta.dirname, 'model-not-found', /config\.json.*there is no such file/],
  ])('that is %s is a typed error', async (model, code, message) => {
    const error = await failure(load(model))
    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(message)
  })

  it('that looks like an id of a hub is none where it is a folder', async () => {
    const error = await failure(load('models/x'))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toContain("Did you mean './models/x'?")
  })
})

describe('the default model', () => {
  it('gives the vectors that its package promises, and says where it runs', async () => {
    const embedder = await start(minilmL6)
    const file = minilmL6.files.find(({ path }) => path === 'golden.json')
    const wanted = JSON.parse(readFileSync(new URL(file?.url ?? ''), 'utf8')) as typeof golden
    const tokens = await embedder.tokenize(wanted.texts)
    expect(tokens.map(({ inputIds }) => Array.from(inputIds))).toEqual(wanted.tokenIds)
    const { data } = await embedder.encode(wanted.texts)
    const near = cosines(data, decodeFloats(wanted.embeddings), 384)
    expect(Math.min(...near)).toBeGreaterThan(0.975)
    expect(near.reduce((sum, value) => sum + value, 0) / near.length).toBeGreaterThan(0.995)
    expect(embedder.report).toMatchObject({
      dtype: 'q8',
      verified: true,
      reasons: ["wasm, as on Node WebGPU is taken where it is asked for, with device: 'webgpu'"],
    })
  })

  it('has prompts, chunks and similarity', async () => {
    const embedder = await start(minilmL6)
    const [query, documents] = await Promise.all([
      embedder.encodeQuery('birds in spring'),
      embedder.encodeDocument(['The swallows are back.', 'Tax is due in May.']),
    ])
    const { data } = await embedder.similarity(query, documents)
    expect(data[0]).toBeGreaterThan(data[1] ?? NaN)
    const text = 'Birds sing. '.repeat(200)
    const chunks = await embedder.chunk(text, { maxTokens: 64 })
    expect(chunks.length).toBeGreaterThan(5)
    expect(chunks.at(-1)?.end).toBe(text.trimEnd().length)
  })
})

describe('workers', () => {
  it('share a list, and the weights in memory, and give what one gives', async () => {
    const texts = Array.from(
      { length: 600 },
      (_, index) => `Sentence ${index} of a list that is long enough to be shared.`,
    )
    const [one, two] = await Promise.all([start(FOLDER, { workers: 1 }), start(FOLDER, { workers: 2 })])
    const [alone, shared] = [await one.encode(texts), await two.encode(texts)]
    expect(shared.data).toEqual(alone.data)
    // A short list may be done before the second one has started.
    await expect.poll(() => two.report.workers).toEqual({ running: 2, most: 2 })
    expect((await two.encode(texts)).data).toEqual(alone.data)
    expect(two.report.sharesWeights).toBe(true)
    expect(threads).toHaveLength(3)
  })

  it('that end are replaced, and no call is lost', async () => {
    const embedder = await start(FOLDER, { workers: 1 })
    const encoding = expectGolden(embedder, { batchSize: 1 })
    void threads[0]?.terminate()
    await encoding
    expect(embedder.report.restarts).toBe(1)
    expect(threads).toHaveLength(2)
  })

  it('that end each time are a typed error', async () => {
    const embedder = await start(FOLDER, { workers: 1 })
    // Once it has said who it is.
    const kill = (thread: Thread): unknown => thread.once('message', () => void thread.terminate())
    process.on('worker', kill)
    const encoding = failure(embedder.encode(['a']))
    void threads[0]?.terminate()
    const error = await encoding
    process.off('worker', kill)
    expect(error.code).toBe('worker-crashed')
    expect(error.message).toContain('the worker stopped: exit code 1')
  })

  it('unload the model when nothing is to do, and load it for the next call', async () => {
    const embedder = await start(FOLDER, { idleTimeoutMs: 20 })
    await expect.poll(() => embedder.report.isLoaded).toBe(false)
    await expectGolden(embedder)
    expect(threads).toHaveLength(2)
  })

  it('end with dispose(), and calls after it reject', async () => {
    const embedder = await start(FOLDER)
    const ended = new Promise((resolve) => threads[0]?.once('exit', resolve))
    await embedder.dispose()
    await ended
    expect((await failure(embedder.encode(['a']))).code).toBe('disposed')
  })
})

describe('aborts', () => {
  it('end a load and its thread, and a call alone', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const abort = (): void => {
      controller.abort(reason)
    }
    const loading = failure(load(minilmL6, { signal: controller.signal, onProgress: abort }))
    expect(await loading).toBe(reason)
    await new Promise((resolve) => threads[0]?.once('exit', resolve))
    const embedder = await start(FOLDER)
    const calls = new AbortController()
    const encoding = failure(embedder.encode(golden.texts, { batchSize: 1, signal: calls.signal }))
    calls.abort(reason)
    expect(await encoding).toBe(reason)
    await expectGolden(embedder)
  })
})

describe('what Node has not', () => {
  it.each<[LoadOptions, string]>([
    [{ engine: 'onnx' }, 'environment-unsupported'],
    [{ engine: 'transformers' }, 'environment-unsupported'],
  ])('%o is a typed error', async (options, code) => {
    for (const call of [load, loadOnnx]) expect((await failure(call(FOLDER, options))).code).toBe(code)
  })

  it("{ device: 'webgpu' } is a typed error where there is no adapter", async (test) => {
    const loading = start(FOLDER, { device: 'webgpu' })
    const error = await loading.then(
      () => undefined,
      (caught: unknown) => caught,
    )
    if (error === undefined) test.skip('not run: this machine has an adapter')
    expect(error).toMatchObject({ code: 'webgpu-unavailable' })
  })

  it.each(['assetBaseUrl', 'workerUrl'])('%s is for pages', async (name) => {
    const error = await failure(load(FOLDER, { [name]: '/x/' }))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toContain(`${name} is for pages`)
  })
})

describe('kept embeddings', () => {
  const options: LoadOptions = { cache: { embeddings: true } }

  it('are found by the next embedder, also in another process', async () => {
    const first = await start(FOLDER, options)
    await expectGolden(first)
    expect(first.report.cache.storage).toBe('files')
    expect((await first.stats()).embeddings).toMatchObject({ hits: 0 })
    await first.dispose()
    const second = await start(FOLDER, options)
    await expectGolden(second)
    const { hits, storedVectors } = (await second.stats()).embeddings
    expect(hits).toBe(new Set(golden.texts).size)
    expect(storedVectors).toBe(hits)
    await embeddingCache.clear()
    expect((await second.stats()).embeddings.storedVectors).toBe(0)
  })

  it('are kept in memory alone where the folder cannot be written, with a warning', async () => {
    const file = join(cache, 'a-file')
    writeFileSync(file, '')
    process.env['NESTLING_CACHE'] = file
    const embedder = await start(FOLDER, options).finally(() => {
      process.env['NESTLING_CACHE'] = cache
    })
    await expectGolden(embedder)
    expect(embedder.report.cache).toMatchObject({ storage: 'memory' })
    expect(embedder.report.warnings[0]?.message).toMatch(/the cache folder cannot be used: .*ENOTDIR/)
  })
})
