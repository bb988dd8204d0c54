import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as main from '../index.js'
import * as onnx from '../onnx.js'

const MODEL = 'https://x.test/model'

describe('nestling', () => {
  beforeEach(() => {
    // What a browser has and Node 20 lacks; nothing starts a worker before the options were read.
    vi.stubGlobal('Worker', EventTarget)
    vi.stubGlobal('location', new URL('https://x.test/'))
  })

  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('exports what nestling/onnx exports, and the same classes', () => {
    expect(Object.keys(onnx).sort()).toEqual(Object.keys(main).sort())
    expect(onnx.EmbedderError).toBe(main.EmbedderError)
    expect(onnx.Embeddings).toBe(main.Embeddings)
    expect(onnx.modelCache).toBe(main.modelCache)
  })

  it.each([
    [{ engine: 'onnx' }, 'onnx'],
    [{ engine: 'transformers' }, 'transformers'],
    [{ engine: 'transformers', dtype: 'q4' }, 'transformers'],
  ] as const)('refuses %o without assetBaseUrl, and says what has it', async (options, engine) => {
    for (const call of [main.load, main.plan]) {
      const error = await call(MODEL, options).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(TypeError)
      const { message } = error as Error
      expect(message).toContain(`kernels alone: current value is "${engine}" as engine\nImport load from nestling/onnx`)
      expect(message).toContain(`npx nestling copy-assets --${engine}`)
    }
  })

  it('plans our kernels where nothing else was asked for, also where a folder has more', async () => {
    for (const options of [
      {},
      { dtype: 'fp32' },
      { dtype: 'q8' },
      { dtype: 'fp16' },
      { assetBaseUrl: '/a/' },
    ] as const) {
      const plan = await main.plan(MODEL, { ...options, cache: false })
      expect(plan).toMatchObject({ device: 'wasm', engine: 'kernels' })
    }
  })

  it('takes WebGPU for our kernels, and says where there is none', async () => {
    const error = await main.plan(MODEL, { device: 'webgpu', cache: false }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'webgpu-unavailable' })
    const info = { isFallbackAdapter: false }
    vi.stubGlobal('navigator', { gpu: { requestAdapter: () => Promise.resolve({ info }) } })
    for (const options of [{ device: 'webgpu' }, { dtype: 'fp16' }, { device: 'webgpu', dtype: 'q8' }] as const) {
      const plan = await main.plan(MODEL, { ...options, cache: false })
      expect(plan).toMatchObject({ device: 'webgpu', engine: 'kernels', runtime: 'wgsl', runtimeBytes: 0 })
    }
  })

  it('takes from assetBaseUrl what was asked for by name', async () => {
    const plan = await main.plan(MODEL, { engine: 'onnx', device: 'wasm', assetBaseUrl: '/nestling/', cache: false })
    expect(plan).toMatchObject({ device: 'wasm', engine: 'onnx', runtime: 'wasm' })
  })

  it('refuses what nestling/onnx refuses, in the same words', async () => {
    for (const options of [{ engines: 'onnx' }, { engine: 'fast' }, { engine: 'kernels', dtype: 'q4' }, null]) {
      const errors = [main, onnx].map(({ load }) => load(MODEL, options as object).catch((caught: unknown) => caught))
      const [ours, theirs] = await Promise.all(errors)
      expect(ours).toEqual(theirs)
      expect(ours).toBeInstanceOf(TypeError)
    }
  })
})
