import { cosines, decodeFloats, type Golden } from '@nestling/testing'
import { minilmL6 } from '@nestling/minilm-l6'
import {
  isEmbedderError,
  load,
  type Embedder,
  type EmbedderWarning,
  type LoadOptions,
  type ModelFile,
  type ModelPackage,
} from 'nestling/onnx'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

const FOLDER = '/fixtures/bert-mean-normalize'
const FILES = [
  'config.json',
  'modules.json',
  '1_Pooling/config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  'model.safetensors',
  'golden.json',
]

/** WebGPU in fp16, in fp32, then WASM: SwiftShader counts as hardware with shader-f16 there. */
const workerUrl = (wrong: string): string => `/nestling-dist-test/faulty-worker.js?hardware&wrong=${wrong}`

let golden: Golden
let model: ModelPackage

/** A fixture as a package: a list of files with their digests, golden vectors among them. */
async function packageOf(change: (text: string) => string = (text) => text): Promise<ModelPackage> {
  const files = await Promise.all(
    FILES.map(async (path) => {
      const response = await fetch(`${FOLDER}/${path}`)
      if (!response.ok) return []
      const text = path === 'golden.json' ? change(await response.clone().text()) : undefined
      const bytes = text === undefined ? await response.arrayBuffer() : new TextEncoder().encode(text).buffer
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
      const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
      const content = text === undefined ? { url: `${FOLDER}/${path}` } : { text }
      return [{ path, sizeBytes: bytes.byteLength, sha256, ...content }]
    }),
  )
  const nestedDims = [32, 16, 8]
  return { id: 'fixture', version: '0.0.0', license: 'MIT', origin: 'ours', nestedDims, files: files.flat() }
}

async function lowestCosine(embedder: Embedder): Promise<number> {
  const { data } = await embedder.encode(golden.texts)
  return Math.min(...cosines(data, decodeFloats(golden.embeddings), golden.dimension))
}

beforeAll(async () => {
  golden = (await (await fetch(`${FOLDER}/golden.json`)).json()) as Golden
  model = await packageOf()
})

afterEach(async () => {
  await forget()
})

/** Verdicts of wrong engines must not be found by other tests. */
function forget(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('nestling')
    request.onsuccess = () => {
      resolve()
    }
    request.onerror = () => {
      reject(request.error ?? new Error('Cannot delete'))
    }
  })
}

async function failureOf(loading: Promise<Embedder>): Promise<{ code: string; details: Record<string, unknown> }> {
  const error = await loading.then(
    (embedder) => embedder.dispose(),
    (caught: unknown) => caught,
  )
  if (!isEmbedderError(error)) throw new Error('Expected an EmbedderError', { cause: error })
  return { code: error.code, details: error.details }
}

describe('a wrong engine', () => {
  it.each([
    ['in fp16', 'webgpu-fp16', { device: 'webgpu', dtype: 'fp32' }, 1],
    ['in fp16 and fp32 on WebGPU', 'webgpu-fp16,webgpu-fp32', { device: 'wasm', dtype: 'fp32' }, 2],
  ] as const)('%s is stepped down from, with the right vectors', async (_, wrong, taken, steps) => {
    const told: EmbedderWarning[] = []
    const options: LoadOptions = {
      // An adapter that computes on the CPU is slower than WASM, which only `auto` minds.
      device: taken.device === 'webgpu' ? 'webgpu' : 'auto',
      engine: 'kernels',
      dtype: 'fp16',
      workerUrl: workerUrl(wrong),
      onWarning: (warning) => told.push(warning),
    }
    const embedder = await load(model, options)
    const { report } = embedder
    expect(report).toMatchObject({ ...taken, verified: true })
    expect(report.verification).toMatchObject({ source: 'golden', dims: [32, 16, 8], isRemembered: false })
    expect(report.reasons.filter((reason) => reason.includes('lowest cosine') || reason.includes('norm'))).toHaveLength(
      steps,
    )
    expect(report.probe.webgpu).toMatchObject({ isAvailable: true, compute: 'passed' })
    expect(told.map(({ kind }) => kind)).toEqual(['verification-failed'])
    expect(await lowestCosine(embedder)).toBeGreaterThan(0.9999)
    await embedder.dispose()

    const again = await load(model, options)
    const second = again.report
    expect(second).toMatchObject({ ...taken, verified: true })
    expect(second.verification).toMatchObject({ isRemembered: true, durationMs: 0 })
    expect(second.reasons.join()).toMatch(/as an earlier load found/)
    expect(second.warnings.map(({ kind }) => kind)).toEqual(['verification-failed'])
    expect(second.loadMs).toBeLessThan(report.loadMs)
    await again.dispose()
  })

  it('on every way is an error with the numbers', async () => {
    const options = { dtype: 'fp16', workerUrl: workerUrl('webgpu-fp16,webgpu-fp32,wasm-fp32') } as const
    const { code, details } = await failureOf(load(model, options))
    expect(code).toBe('verification-failed')
    expect(details).toMatchObject({ device: 'wasm', source: 'golden' })
    expect(details['minCosine']).toBeLessThan(0.9)
  })

  it('of ours gives way to onnxruntime, on WASM too', async () => {
    const embedder = await load(model, { device: 'wasm', workerUrl: workerUrl('kernels') })
    expect(embedder.report).toMatchObject({ device: 'wasm', engine: 'onnx', dtype: 'fp32', verified: true })
    expect(embedder.report.warnings).toMatchObject([
      {
        kind: 'verification-failed',
        message: expect.stringMatching(/WASM with the engine onnx as WASM with the engine kernels failed/) as string,
      },
    ])
    expect(await lowestCosine(embedder)).toBeGreaterThan(0.9999)
    await embedder.dispose()
    const { code } = await failureOf(load(model, { engine: 'kernels', workerUrl: workerUrl('kernels') }))
    expect(code).toBe('verification-failed')
  })

  it('is not replaced by WASM where WebGPU was asked for', async () => {
    const { code, details } = await failureOf(load(model, { device: 'webgpu', workerUrl: workerUrl('webgpu-fp32') }))
    expect(code).toBe('verification-failed')
    expect(details['device']).toBe('webgpu')
  })

  it('is found without golden vectors where verify is full, and only there', async () => {
    const wrong = workerUrl('webgpu-fp32')
    // Not `auto`, which would find that this adapter is slower than WASM.
    const trusting = await load(FOLDER, { device: 'webgpu', workerUrl: wrong })
    expect(trusting.report).toMatchObject({ device: 'webgpu', verified: false })
    expect(trusting.report.verification.reason).toMatch(/verify: 'full'/)
    await trusting.dispose()

    const embedder = await load(FOLDER, { workerUrl: wrong, verify: 'full' })
    expect(embedder.report.device).toBe('wasm')
    expect(embedder.report.warnings.map(({ kind }) => kind)).toEqual(['verification-failed'])
    expect(embedder.report.verification.reason).toMatch(/float32 on WASM is itself/)
    expect(await lowestCosine(embedder)).toBeGreaterThan(0.9999)
    await embedder.dispose()
  })
})

describe("verify: 'full'", () => {
  it('compares WebGPU with float32 on WASM where there are no golden vectors', async () => {
    const embedder = await load(FOLDER, { device: 'webgpu', verify: 'full' })
    const { verified, verification } = embedder.report
    await embedder.dispose()
    expect(verified, verification.reason).toBe(true)
    expect(verification).toMatchObject({ source: 'reference', dims: [32], isRemembered: false })
    expect(verification.texts).toBeGreaterThanOrEqual(2)
    expect(verification.minCosine).toBeGreaterThan(0.9999)
  })
})

describe('@nestling/minilm-l6 on WASM', () => {
  it('is verified once', async () => {
    await forget()
    const embedder = await load(minilmL6, { device: 'wasm' })
    const { verified, verification } = embedder.report
    expect(verified, verification.reason).toBe(true)
    expect(verification).toMatchObject({ source: 'golden', dims: [384, 256, 128, 64, 32, 16], isRemembered: false })
    expect(verification.texts).toBeGreaterThanOrEqual(3)
    expect(verification.minCosine).toBeGreaterThan(0.975)
    expect(verification.minCosine).toBeLessThan(0.99999)
    await embedder.dispose()

    const again = await load(minilmL6, { device: 'wasm' })
    expect(again.report).toMatchObject({ verified: true, verification: { isRemembered: true, durationMs: 0 } })
    await again.dispose()
  })

  it('tells what the probe found', async () => {
    const embedder = await load(minilmL6, { device: 'wasm' })
    expect(embedder.report.probe).toMatchObject({
      webgpu: { isAvailable: false, reason: 'it was not asked for', compute: 'skipped' },
      wasm: { hasSimd: true, hasRelaxedSimd: true, hasJspi: true },
      hardwareConcurrency: navigator.hardwareConcurrency,
      isCrossOriginIsolated: crossOriginIsolated,
    })
    await embedder.dispose()
  })
})

describe('golden vectors', () => {
  const onWasm = async (pkg: ModelPackage, options: LoadOptions = {}): Promise<Embedder> =>
    load(pkg, { device: 'wasm', ...options })

  it('that are wrong fail the load, unless verify is off', async () => {
    const broken = await packageOf((text) => {
      const data = JSON.parse(text) as { embeddings: string }
      const vectors = decodeFloats(data.embeddings).reverse()
      data.embeddings = btoa(String.fromCharCode(...new Uint8Array(vectors.buffer)))
      return JSON.stringify(data)
    })
    const { code, details } = await failureOf(onWasm(broken))
    expect(code).toBe('verification-failed')
    expect(details).toMatchObject({ device: 'wasm', dtype: 'fp32', source: 'golden' })

    const trusting = await onWasm(broken, { verify: 'off' })
    expect(trusting.report).toMatchObject({ verified: false, verification: { source: 'none', texts: 0 } })
    expect(trusting.report.verification.reason).toMatch(/verify: 'off'/)
    expect(await lowestCosine(trusting)).toBeGreaterThan(0.9999)
    await trusting.dispose()
  })

  it('of another tokenizer fail the load', async () => {
    const broken = await packageOf((text) => {
      const data = JSON.parse(text) as { tokenIds: number[][] }
      data.tokenIds[3]?.reverse()
      return JSON.stringify(data)
    })
    const { code, details } = await failureOf(onWasm(broken))
    expect({ code, text: details['text'] }).toEqual({ code: 'verification-failed', text: 3 })
  })

  it('that cannot be fetched leave a model unverified', async () => {
    const files = model.files.map((file) =>
      file.path === 'golden.json' ? { ...file, url: '/fixtures/nothing' } : file,
    )
    const withoutText = files.map((file) => ({ ...file, text: undefined }) as unknown as ModelFile)
    const embedder = await onWasm({ ...model, files: withoutText })
    expect(embedder.report.verified).toBe(false)
    expect(embedder.report.verification.reason).toMatch(/golden vectors could not be read/)
    await embedder.dispose()
  })

  it('are not asked for where no list names them', async () => {
    const embedder = await load(FOLDER, { device: 'wasm' })
    expect(embedder.report).toMatchObject({ verified: false, warnings: [] })
    expect(embedder.report.verification.reason).toMatch(/float32 on WASM is itself/)
    await embedder.dispose()
  })
})
