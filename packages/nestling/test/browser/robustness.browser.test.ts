import {
  isEmbedderError,
  load,
  plan,
  isSupported,
  type Embedder,
  type LoadOptions,
  type ModelSource,
  type ProgressEvent,
} from 'nestling/onnx'
import { codeOf } from '@nestling/testing/outcome'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MODEL = '/fixtures/bert-mean-normalize'
const WASM: LoadOptions = { device: 'wasm' }

/** A worker whose events, but not its answers, reach the page late. */
function workerWithLateEvents(delayMs: number): Worker {
  const script = `
    const post = MessagePort.prototype.postMessage
    MessagePort.prototype.postMessage = function (...message) {
      setTimeout(() => post.apply(this, message), ${delayMs})
    }
    await import(${JSON.stringify(new URL('/nestling-dist/worker.js', location.href).href)})
    postMessage('started')`
  return new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), { type: 'module' })
}

describe('ugly texts', () => {
  let embedder: Embedder

  beforeAll(async () => {
    embedder = await load(MODEL, WASM)
  })
  afterAll(() => embedder.dispose())

  it('gives shape [0, dim] for no texts, and tells that it is done', async () => {
    const fractions: number[] = []
    const { shape, data } = await embedder.encode([], { onProgress: ({ fraction }) => fractions.push(fraction) })
    expect(shape).toEqual([0, 32])
    expect(data).toHaveLength(0)
    expect(fractions).toEqual([1])
    expect((await embedder.encode([], { truncateDim: 8 })).shape).toEqual([0, 8])
  })

  it.each([
    ['an empty text', ''],
    ['white space', ' \t\r\n\u3000 '],
    ['100,000 characters', 'The river rises early. '.repeat(4348)],
    ['100,000 characters without a space', 'x'.repeat(100_000)],
    ['lone surrogates', '\ud800 a \udfff \udc00\ud800'],
    ['NUL bytes', '\0\0a\0'],
    ['emoji of many parts', '👨‍👩‍👧‍👦'.repeat(500)],
    ['combining marks', `a${'\u0301'.repeat(5000)}`],
    ['special tokens by name', '[CLS][SEP][PAD][MASK]'.repeat(50)],
  ])('gives a finite vector for %s', async (_, text) => {
    const { data, shape } = await embedder.encode(text)
    expect(shape).toEqual([32])
    expect(data.every(Number.isFinite)).toBe(true)
    expect(Math.hypot(...data)).toBeCloseTo(1, 4)
  })

  it('keeps the order of 10,000 texts in one call, with progress that never falls', async () => {
    const texts = Array.from({ length: 10_000 }, (_, index) => `text ${index % 100} ${'word '.repeat(index % 7)}`)
    const done: number[] = []
    const { shape, data } = await embedder.encode(texts, { onProgress: (event) => done.push(event.done ?? -1) })
    expect(shape).toEqual([10_000, 32])
    expect(done.at(-1)).toBe(10_000)
    expect(done).toEqual([...done].sort((a, b) => a - b))
    for (const index of [0, 1, 4999, 9999]) {
      const alone = await embedder.encode(texts[index] ?? '')
      const row = data.subarray(index * 32, (index + 1) * 32)
      expect(Math.max(...row.map((value, k) => Math.abs(value - (alone.data[k] ?? NaN))))).toBeLessThan(1e-5)
    }
  }, 300_000)

  it('warns about a text that is cut, and counts its tokens', async () => {
    const text = 'away from the children '.repeat(50)
    await embedder.encode(text)
    expect(embedder.report.warnings.map(({ kind }) => kind)).toContain('text-truncated')
    expect(await embedder.countTokens(text)).toBe(252)
    expect(Array.from(await embedder.countTokens(['a', text]))).toEqual([3, 252])
    expect((await embedder.tokenize(text)).truncated).toBe(true)
  })

  it.each([undefined, {}, 'worker.js'])('refuses %j as what the function worker gives', async (spawned) => {
    await expect(load(MODEL, { worker: () => spawned as unknown as Worker })).rejects.toThrow(/must give a Worker/)
  })

  it('encodes 200,000 equal texts once, and an empty stream', async () => {
    const { shape, data, tokens } = await embedder.encode(new Array<string>(200_000).fill('same'), { truncateDim: 4 })
    expect(shape).toEqual([200_000, 4])
    expect(data.subarray(-4)).toEqual((await embedder.encode('same', { truncateDim: 4 })).data)
    expect(tokens?.tokenCounts.at(-1)).toBe(await embedder.countTokens('same'))

    async function* none(): AsyncGenerator<string, void, undefined> {}
    expect(await embedder.encode(none()).next()).toEqual({ done: true, value: undefined })
  })

  it('cuts a text of a megabyte into chunks without being taken for hung', async () => {
    const { data } = await embedder.encode('word and river '.repeat(70_000), { onTruncate: 'chunk' })
    expect(data.every(Number.isFinite)).toBe(true)
    expect(embedder.report.restarts).toBe(0)
  })

  it('rejects misuse with TypeError and RangeError, and goes on', async () => {
    await expect(embedder.encode(5 as unknown as string)).rejects.toThrow(TypeError)
    await expect(embedder.encode(['a', null] as unknown as string[])).rejects.toThrow(/index 1/)
    await expect(embedder.encode('a', { truncateDim: 0 })).rejects.toThrow(RangeError)
    await expect(embedder.encode('a', { dim: 3 } as object)).rejects.toThrow(/dim is not an option/)
    expect((await embedder.encode('a')).shape).toEqual([32])
  })

  it('gives all of a vector for a truncateDim beyond its length, as Python does', async () => {
    expect((await embedder.encode('a', { truncateDim: 99 })).shape).toEqual([32])
  })

  it('compares structured clones, and refuses what is not embeddings, other dims and other models', async () => {
    const a = await embedder.encode(['a', 'b'])
    expect((await embedder.similarity(structuredClone(a), a)).shape).toEqual([2, 2])
    await expect(embedder.similarity([1, 2] as never, a)).rejects.toThrow(TypeError)
    await expect(embedder.similarity(a, await embedder.encode('a', { truncateDim: 8 }))).rejects.toThrow(RangeError)
    const other = await load('/fixtures/bert-max', WASM)
    const error: unknown = await other.similarity(await other.encode('a'), a).catch((caught: unknown) => caught)
    await other.dispose()
    expect(isEmbedderError(error, 'space-mismatch')).toBe(true)
    expect((error as Error).message).toContain(a.space.id)
  })
})

describe('abort and dispose', () => {
  it('rejects with the reason at once, before and during a call, and serves the next call', async () => {
    const embedder = await load(MODEL, WASM)
    const texts = Array.from({ length: 3000 }, (_, index) => `number ${index} of many texts`)
    await expect(embedder.encode(texts, { signal: AbortSignal.abort('before') })).rejects.toBe('before')
    const controller = new AbortController()
    const running = embedder.encode(texts, {
      signal: controller.signal,
      onProgress: () => {
        controller.abort('now')
      },
    })
    await expect(running).rejects.toBe('now')
    expect((await embedder.encode('next')).shape).toEqual([32])
    await embedder.dispose()
  })

  it('settles pending calls on dispose, is idempotent, and refuses later calls', async () => {
    const embedder = await load(MODEL, WASM)
    const pending = [
      codeOf(embedder.encode(['a', 'b'])),
      codeOf(embedder.tokenize('a')),
      codeOf(embedder.countTokens('a')),
    ]
    await embedder.dispose()
    await embedder.dispose()
    expect(await Promise.all(pending)).toEqual(['disposed', 'disposed', 'disposed'])
    expect(await codeOf(embedder.encode('a'))).toBe('disposed')
    expect(await codeOf(embedder.encode([]))).toBe('disposed')
    expect(await codeOf(embedder.tokenize('a'))).toBe('disposed')
  })

  it('ends a load with the reason of its signal', async () => {
    const controller = new AbortController()
    const loading = load(MODEL, {
      ...WASM,
      signal: controller.signal,
      onProgress: () => {
        controller.abort('enough')
      },
    })
    await expect(loading).rejects.toBe('enough')
    await expect(load(MODEL, { ...WASM, signal: AbortSignal.abort('before') })).rejects.toBe('before')
  })

  it('goes on when a listener throws', async () => {
    const errors: string[] = []
    const listen = (event: ErrorEvent): void => {
      errors.push(event.message)
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    globalThis.addEventListener('error', listen, { capture: true })
    let calls = 0
    const onProgress = (): void => {
      calls += 1
      if (calls === 1) throw new Error('from the listener')
    }
    const embedder = await load(MODEL, { ...WASM, onProgress })
    expect((await embedder.encode('a', { onProgress })).shape).toEqual([32])
    await embedder.dispose()
    await expect.poll(() => errors.length).toBeGreaterThan(0)
    globalThis.removeEventListener('error', listen, { capture: true })
    expect(errors).toEqual([expect.stringContaining('from the listener')])
    expect(calls).toBeGreaterThan(1)
  })
})

describe('progress of a load', () => {
  it('ends with ready before load() resolves, also where the events of the worker come late', async () => {
    const worker = workerWithLateEvents(300)
    await new Promise((resolve) => {
      worker.addEventListener('message', resolve, { once: true })
    })
    const events: ProgressEvent[] = []
    const onProgress = (event: ProgressEvent): void => void events.push(event)
    const embedder = await load(MODEL, { ...WASM, worker, assetBaseUrl: '/nestling-dist/', onProgress })
    const ends = [events.at(-1), events.length]
    expect(ends[0]).toEqual({ phase: 'ready', fraction: 1 })
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect([events.at(-1), events.length]).toEqual(ends)
    await embedder.dispose()
  })
})

describe('loads that cannot work', () => {
  const withFile = (path: string, url: string, more: object = {}): ModelSource => ({
    id: 'test',
    version: '0.0.0',
    license: 'MIT',
    origin: '',
    nestedDims: [],
    files: ['config.json', 'modules.json', '1_Pooling/config.json', 'tokenizer.json', 'model.safetensors'].map(
      (name) => ({
        path: name,
        sizeBytes: undefined as unknown as number,
        sha256: undefined as unknown as string,
        url: name === path ? url : `${MODEL}/${name}`,
        ...(name === path ? more : {}),
      }),
    ),
  })

  it.each<[string, ModelSource, LoadOptions, string]>([
    ['a folder that is not there', '/fixtures/nothing', WASM, 'model-not-found'],
    ['a page instead of a file', withFile('model.safetensors', '/index.html'), WASM, 'model-not-found'],
    [
      'the wrong bytes',
      withFile('model.safetensors', `${MODEL}/model.safetensors`, { sha256: '00' }),
      WASM,
      'integrity-mismatch',
    ],
    ['a host that does not answer', 'http://127.0.0.1:9/model', WASM, 'model-fetch-failed'],
    ['a worker that is not there', MODEL, { ...WASM, workerUrl: '/fixtures/nothing.js' }, 'worker-crashed'],
    [
      'a runtime that is not there',
      MODEL,
      { ...WASM, assetBaseUrl: '/fixtures/', workerUrl: '/nestling-dist/worker.js' },
      'environment-unsupported',
    ],
    [
      'a worker of another origin',
      MODEL,
      { ...WASM, workerUrl: 'https://x.invalid/worker.js' },
      'environment-unsupported',
    ],
  ])('reject with a typed error: %s', async (_, model, options, code) => {
    const started = performance.now()
    expect(await codeOf(load(model, options))).toBe(code)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('reject misuse', async () => {
    await expect(load('minilm')).rejects.toThrow(/model package, a hub id .* "minilm"/)
    await expect(load(MODEL, { device: 'cpu' } as object)).rejects.toThrow(TypeError)
  })
})

describe('plan() and isSupported()', () => {
  it('tell what would happen without loading anything', async () => {
    const before = performance.getEntriesByType('resource').length
    expect(await isSupported()).toEqual({ supported: true, webgpu: false, reasons: [] })
    expect(await plan(MODEL)).toMatchObject({
      device: 'wasm',
      engine: 'kernels',
      runtime: 'relaxed-simd',
      runtimeBytes: 15_500,
    })
    expect(await plan(MODEL, { engine: 'onnx' })).toMatchObject({ runtime: 'wasm', runtimeBytes: 14_314_404 })
    expect((await plan(MODEL)).reason).toMatch(/WASM is faster/)
    expect(await plan(MODEL, { device: 'webgpu' })).toMatchObject({
      device: 'webgpu',
      engine: 'kernels',
      runtime: 'wgsl',
    })
    const onOnnx = await plan(MODEL, { device: 'webgpu', engine: 'onnx' })
    expect(onOnnx).toMatchObject({ device: 'webgpu', engine: 'onnx', runtime: 'jspi' })
    const loaded = performance.getEntriesByType('resource').slice(before)
    // Parts of our own code alone.
    expect(loaded.map(({ name }) => name).filter((name) => !/\/nestling\/dist\/[a-z-]+\.js$/.test(name))).toEqual([])
  })
})
