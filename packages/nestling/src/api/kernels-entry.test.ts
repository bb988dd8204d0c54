import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as main from '../index.js'
import * as kernels from '../kernels.js'

const MODEL = 'https://x.test/model'

describe('nestling/kernels', () => {
  beforeEach(() => {
    // What a browser has and Node 20 lacks; nothing starts a worker before the options were read.
    vi.stubGlobal('Worker', EventTarget)
    vi.stubGlobal('location', new URL('https://x.test/'))
  })

  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('exports what nestling exports, and the same classes', () => {
    expect(Object.keys(kernels).sort()).toEqual(Object.keys(main).sort())
    expect(kernels.EmbedderError).toBe(main.EmbedderError)
    expect(kernels.Embeddings).toBe(main.Embeddings)
    expect(kernels.modelCache).toBe(main.modelCache)
  })

  it.each([
    [{ engine: 'onnx' }, '"onnx" as engine'],
    [{ engine: 'transformers' }, '"transformers" as engine'],
    [{ engine: 'transformers', dtype: 'q4' }, '"transformers" as engine'],
    [{ device: 'webgpu' }, '"webgpu" as device'],
    [{ dtype: 'fp16' }, '"fp16" as dtype'],
  ] as const)('refuses %o without assetBaseUrl, and says which entry has it', async (options, said) => {
    for (const call of [kernels.load, kernels.plan]) {
      const error = await call(MODEL, options).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(TypeError)
      expect((error as Error).message).toContain(`kernels alone: current value is ${said}\nImport load from nestling`)
    }
  })

  it('plans our kernels where nothing else was asked for, also where a folder has more', async () => {
    for (const options of [{}, { dtype: 'fp32' }, { dtype: 'q8' }, { assetBaseUrl: '/nestling/' }] as const) {
      const plan = await kernels.plan(MODEL, { ...options, cache: false })
      expect(plan).toMatchObject({ device: 'wasm', engine: 'kernels' })
    }
  })

  it('takes from assetBaseUrl what was asked for by name', async () => {
    const plan = await kernels.plan(MODEL, { engine: 'onnx', device: 'wasm', assetBaseUrl: '/nestling/', cache: false })
    expect(plan).toMatchObject({ device: 'wasm', engine: 'onnx', runtime: 'wasm' })
  })

  it('refuses what nestling refuses, in the same words', async () => {
    for (const options of [{ engines: 'onnx' }, { engine: 'fast' }, { engine: 'kernels', dtype: 'q4' }, null]) {
      const errors = [kernels, main].map(({ load }) =>
        load(MODEL, options as object).catch((caught: unknown) => caught),
      )
      const [ours, theirs] = await Promise.all(errors)
      expect(ours).toEqual(theirs)
      expect(ours).toBeInstanceOf(TypeError)
    }
  })
})
