import { minilmL6 } from '@nestling/minilm-l6'
import { cosines, decodeFloats, worstError, type Golden } from '@nestling/testing'
import { load, plan, type Embedder, type LoadOptions, type ModelPackage, type ProgressEvent } from 'nestling/onnx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ONNX: LoadOptions = { engine: 'transformers', device: 'wasm' }
const FOLDER = '/onnx-fixtures/bert-tiny-onnx'
const TOLERANCE = 2e-4

let golden: Golden

beforeAll(async () => {
  golden = (await (await fetch('/fixtures/bert-mean-normalize/golden.json')).json()) as Golden
})

const errorOf = (actual: Float32Array, expected: string, dim = golden.dimension): number =>
  worstError(actual, decodeFloats(expected), dim)

async function failureOf(promise: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  return promise.then(
    () => ({ code: undefined, message: 'it did not fail' }),
    (error: unknown) => error as { code: unknown; message: string },
  )
}

/** The fixture as a package, with some files replaced. Nothing is checked against a hash unless `changes` gives one. */
function packageOf(changes: Readonly<Record<string, object>>): ModelPackage {
  const paths = ['config.json', 'modules.json', 'tokenizer.json', 'tokenizer_config.json', '1_Pooling/config.json']
  const files = [...paths, 'onnx/model.onnx'].map((path) => ({ path, url: `${FOLDER}/${path}`, ...changes[path] }))
  return { id: 'test', version: '1.0.0', license: 'MIT', origin: '', nestedDims: [], files } as unknown as ModelPackage
}

/** A worker in which WebGPU looks like hardware and hands out a device that cannot be used. */
function workerWithBrokenGpu(device: string, spoil = ''): Worker {
  const script = `
    const getMappedRange = GPUBuffer.prototype.getMappedRange
    GPUBuffer.prototype.getMappedRange = function (...range) {
      const bits = new Uint32Array(getMappedRange.apply(this, range))
      ${spoil}
      return bits.buffer
    }
    const requestAdapter = navigator.gpu.requestAdapter.bind(navigator.gpu)
    navigator.gpu.requestAdapter = async (options) => {
      const adapter = await requestAdapter(options)
      const { limits, features } = adapter
      // What probes the adapter works, so that it is chosen.
      const requestDevice = async (options) =>
        options.label === 'nestling-probe' ? adapter.requestDevice(options) : ${device}
      return { limits, features, info: { isFallbackAdapter: false }, requestDevice }
    }
    await import(${JSON.stringify(new URL('/nestling-dist/worker.js', location.href).href)})
    postMessage('ready')`
  return new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), { type: 'module' })
}

describe('engine transformers in float32', () => {
  let embedder: Embedder
  beforeAll(async () => {
    embedder = await load(FOLDER, { ...ONNX, dtype: 'fp32' })
  })
  afterAll(() => embedder.dispose())

  it.each([1, 24])('gives the vectors of Python in batches of %i', async (batchSize) => {
    const { data, shape } = await embedder.encode(golden.texts, { batchSize })
    expect(shape).toEqual([golden.texts.length, golden.dimension])
    expect(errorOf(data, golden.embeddings)).toBeLessThanOrEqual(TOLERANCE)
  })

  it('truncates and normalizes as Python does', async () => {
    for (const dim of Object.keys(golden.truncated).map(Number)) {
      const plain = await embedder.encode(golden.texts, { truncateDim: dim })
      expect(errorOf(plain.data, golden.truncated[dim] ?? '', dim)).toBeLessThanOrEqual(TOLERANCE)
      const normalized = await embedder.encode(golden.texts, { truncateDim: dim, normalize: true })
      expect(errorOf(normalized.data, golden.truncatedNormalized[dim] ?? '', dim)).toBeLessThanOrEqual(TOLERANCE)
    }
  })

  it('puts a prompt in front as Python does', async () => {
    const { data } = await embedder.encode(golden.texts, { prompt: 'note: ' })
    expect(errorOf(data, golden.promptText)).toBeLessThanOrEqual(TOLERANCE)
  })

  it('reads the same tokens as Python', async () => {
    const tokens = await embedder.tokenize(golden.texts)
    expect(tokens.map(({ inputIds }) => Array.from(inputIds))).toEqual(golden.tokenIds)
  })

  it('says what runs', () => {
    expect(embedder.report).toMatchObject({
      engine: 'transformers',
      device: 'wasm',
      runtime: 'wasm',
      dtype: 'fp32',
      model: 'bert-tiny-onnx',
    })
    expect(embedder.report.reasons).toContain('dtype fp32, from onnx/model.onnx')
  })

  it('is not comparable with the same model in another dtype', async () => {
    const other = await load(FOLDER, ONNX)
    const [a, b] = [await embedder.encode(['a']), await other.encode(['a'])]
    await other.dispose()
    expect((await failureOf(embedder.similarity(a, b))).code).toBe('space-mismatch')
  })
})

describe('engine transformers', () => {
  it('takes q8 for auto on WASM', async () => {
    const embedder = await load(FOLDER, ONNX)
    const { data } = await embedder.encode(golden.texts)
    expect(embedder.report.dtype).toBe('q8')
    await embedder.dispose()
    expect(Math.min(...cosines(data, decodeFloats(golden.embeddings), golden.dimension))).toBeGreaterThan(0.999)
    // Really the other file: float32 is nearer.
    expect(errorOf(data, golden.embeddings)).toBeGreaterThan(TOLERANCE)
  })

  it('takes what the graph pooled where it gives nothing else, and says so', async () => {
    const embedder = await load('/onnx-fixtures/bert-tiny-sentence', ONNX)
    const { data } = await embedder.encode(golden.texts)
    const { dtype, reasons } = embedder.report
    await embedder.dispose()
    expect(errorOf(data, golden.embeddings)).toBeLessThanOrEqual(TOLERANCE)
    // There is no model_quantized.onnx, so auto goes on to the next.
    expect(dtype).toBe('fp32')
    expect(reasons.join()).toMatch(/the graph pools by itself \(sentence_embedding\)/)
  })

  it('names the file that is missing', async () => {
    const failure = await failureOf(load(FOLDER, { ...ONNX, dtype: 'q4' }))
    expect(failure).toMatchObject({ code: 'model-not-found', message: /onnx\/model_q4\.onnx/ as never })
    const folder = await failureOf(load('/fixtures/bert-mean-normalize', ONNX))
    expect(folder.code).toBe('model-not-found')
    expect(folder.message).toMatch(/model_quantized\.onnx, onnx\/model\.onnx.*\n.*engine: 'onnx'/)
  })

  it('refuses bytes that are not those of the manifest', async () => {
    const failure = await failureOf(load(packageOf({ 'onnx/model.onnx': { sha256: '0'.repeat(64) } }), ONNX))
    expect(failure).toMatchObject({ code: 'integrity-mismatch', message: /onnx\/model\.onnx/ as never })
  })

  it('says which file onnxruntime refuses', async () => {
    const failure = await failureOf(load(packageOf({ 'onnx/model.onnx': { url: undefined, text: 'no graph' } }), ONNX))
    expect(failure.code).toBe('run-failed')
    expect(failure.message).toMatch(/refuses onnx\/model\.onnx on wasm/)
  })

  it('reads every file of a package once, with progress that never falls', async () => {
    const events: ProgressEvent[] = []
    const embedder = await load(packageOf({}), { ...ONNX, onProgress: (event) => events.push(event) })
    await embedder.dispose()
    const fractions = events.map(({ fraction }) => fraction)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(events.at(-1)).toEqual({ phase: 'ready', fraction: 1 })
    const last = events.filter(({ phase }) => phase === 'download').at(-1)
    // Graph and tokenizer have 282,658 and 31,959 bytes.
    expect(last?.loadedBytes).toBeGreaterThan(314_000)
    expect(last?.loadedBytes).toBe(last?.totalBytes)
    expect(last?.loadedBytes).toBeLessThan(330_000)
  })

  it.each([
    ['makes no session', '({ lost: new Promise(() => undefined), destroy() {} })', /onnxruntime refuses/],
    ['is lost', 'adapter.requestDevice().then((device) => (device.destroy(), device))', /device was lost/],
  ])('falls back to WASM where a GPU device %s, and says so', async (_, device, message) => {
    const worker = workerWithBrokenGpu(device)
    await new Promise((resolve) => {
      worker.addEventListener('message', resolve, { once: true })
    })
    const embedder = await load(FOLDER, { engine: 'transformers', worker, assetBaseUrl: '/nestling-dist/' })
    const { data } = await embedder.encode(golden.texts)
    const { device: used, runtime, dtype, warnings, reasons } = embedder.report
    await embedder.dispose()
    expect({ used, runtime, dtype }).toEqual({ used: 'wasm', runtime: 'wasm', dtype: 'q8' })
    expect(warnings[0]?.kind).toBe('device-fallback')
    expect(warnings[0]?.message).toMatch(message)
    expect(reasons).toContain('dtype q8, from onnx/model_quantized.onnx')
    expect(Math.min(...cosines(data, decodeFloats(golden.embeddings), golden.dimension))).toBeGreaterThan(0.999)
  })

  it('falls back to WASM where an adapter computes wrongly, and says so', async () => {
    const worker = workerWithBrokenGpu('adapter.requestDevice()', 'bits.fill(7)')
    await new Promise((resolve) => {
      worker.addEventListener('message', resolve, { once: true })
    })
    const embedder = await load(FOLDER, { engine: 'transformers', worker, assetBaseUrl: '/nestling-dist/' })
    const { device, warnings, probe } = embedder.report
    await embedder.dispose()
    expect(device).toBe('wasm')
    expect(probe.webgpu).toMatchObject({ isAvailable: false, compute: 'failed' })
    expect(warnings).toEqual([
      { kind: 'device-fallback', message: expect.stringMatching(/computes wrongly/) as unknown },
    ])
  })

  it('gives each device an instance of its own, as one failed session spoils an instance', async () => {
    const url = '/nestling-dist/transformers.js'
    const [a, b] = await Promise.all(
      ['#wasm', '#webgpu'].map((part) => import(/* @vite-ignore */ url + part) as Promise<Record<string, unknown>>),
    )
    expect(a?.['openOnnxSession']).toBeTypeOf('function')
    expect(a?.['openOnnxSession']).not.toBe(b?.['openOnnxSession'])
  })

  it.each([
    ['transformers', FOLDER, 'transformers.js'],
    ['onnx', '/fixtures/bert-mean-normalize', 'onnx-engine.js'],
  ] as const)('says what brings the engine %s where it is not served', async (engine, folder, file) => {
    const workerUrl = new URL('/nestling-dist/worker.js', location.href)
    const options: LoadOptions = { engine, device: 'wasm', assetBaseUrl: '/nowhere/', workerUrl }
    const failure = await failureOf(load(folder, options))
    expect(failure.code).toBe('environment-unsupported')
    expect(failure.message).toContain(
      `Cannot load the engine ${engine} as ${location.origin}/nowhere/${file} is not there`,
    )
    expect(failure.message).toContain('Import load from nestling/onnx, or give assetBaseUrl')
    expect(failure.message).toContain(`npx nestling copy-assets --${engine}`)
  })

  it('tells its bytes before it loads anything', async () => {
    const { runtime, runtimeBytes } = await plan(FOLDER, ONNX)
    expect(runtime).toBe('wasm')
    expect(runtimeBytes).toBeGreaterThan(14.7e6)
  })

  it('runs on WebGPU from assetBaseUrl, and only from there', async () => {
    const options: LoadOptions = { engine: 'transformers', device: 'webgpu', dtype: 'fp32' }
    expect((await failureOf(load(FOLDER, options))).code).toBe('webgpu-unavailable')
    const embedder = await load(FOLDER, { ...options, assetBaseUrl: '/nestling-dist/' })
    const { data } = await embedder.encode(golden.texts.slice(0, 6))
    const { device, runtime } = embedder.report
    await embedder.dispose()
    expect({ device, runtime }).toEqual({ device: 'webgpu', runtime: 'asyncify' })
    const rows = decodeFloats(golden.embeddings).subarray(0, data.length)
    expect(worstError(data, rows, golden.dimension)).toBeLessThanOrEqual(5e-4)
  })
})

const PEER = '/shared-peers/all-MiniLM-L6-v2'
const hasPeer = (await fetch(`${PEER}/config.json`)).ok
if (!hasPeer) console.log('not run: ../shared/peers/all-MiniLM-L6-v2 missing')

describe.runIf(hasPeer)('all-MiniLM-L6-v2 from the layout of transformers.js', () => {
  const texts = [
    'It is well.',
    "That's convenient.",
    'away from the children',
    'How do I bake bread without yeast?',
    'A flat bread needs no yeast at all.',
    'The parliament voted on the budget last night.',
    'Lawmakers passed the spending bill yesterday evening.',
  ]
  let expected: Float32Array

  const matrixOf = async (embedder: Embedder): Promise<Float32Array> => {
    const embeddings = await embedder.encode(texts)
    const { data } = await embedder.similarity(embeddings, embeddings)
    await embedder.dispose()
    return data
  }

  beforeAll(async () => {
    // The package's vectors are rotated, which changes no cosine.
    expected = await matrixOf(await load(minilmL6, { device: 'wasm' }))
  })

  it.each<['fp32' | 'q8', number]>([
    ['fp32', 0.01],
    ['q8', 0.05],
  ])('gives the cosines of @nestling/minilm-l6 in %s', async (dtype, tolerance) => {
    const actual = await matrixOf(await load(PEER, { ...ONNX, dtype }))
    expect(actual).toHaveLength(texts.length ** 2)
    const differences = Array.from(actual, (value, index) => Math.abs(value - (expected[index] ?? NaN)))
    expect(Math.max(...differences)).toBeLessThan(tolerance)
  })
})
