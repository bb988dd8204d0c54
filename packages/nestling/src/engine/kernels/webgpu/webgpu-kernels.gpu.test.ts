import { readdirSync } from 'node:fs'
import { cosines, decodeFloats, worstError } from '@nestling/testing'
import { fixturePath, readGolden } from '@nestling/testing/disk'
import { openGpu } from '@nestling/testing/gpu'
import { kernelModule } from '@nestling/testing/kernels'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { faultyGpu, type GpuFaults } from '../../../../test/gpu/device-faults.js'
import { testDevice } from '../../../../test/gpu/run-kernel.js'
import { isEmbedderError } from '../../../wire/embedder-error.js'
import { batchOf, readFixtureModel } from '../../../../test/fixture-models.js'
import type { Engine } from '../../engine.js'
import { createKernelsEngine } from '../kernels-engine.js'
import { createWebGpuKernels, type GpuDtype, type WebGpuKernelsOptions } from './create-webgpu-kernels.js'
import { chooseTiles } from './choose-tiles.js'
import { GpuPipelines } from './gpu-pipelines.js'
import { WebGpuEngine } from './webgpu-engine.js'

const found = await openGpu()
const reason = 'reason' in found ? found.reason : undefined
const gpu = 'gpu' in found ? found.gpu : undefined
const hasFloat16 = (await gpu?.requestAdapter())?.features.has('shader-f16') === true

/** Its prompt is left out of pooling, which no engine knows of: the parity of whole embedders goes through it. */
const WITH_PROMPT = 'bert-prompt-excluded'
const ALL = readdirSync(fixturePath('', '')).filter((name) => name !== WITH_PROMPT)
const BERT = 'bert-mean-normalize'

/** What a GPU gets in place of the tiles that suit a CPU, on a few models. */
const TILES = ['direct-16x8x4/shared-16x16x4', 'direct-4x4x8/shared-8x8x4']
const OF_EACH_KIND = [BERT, 'gemma3-dense', 'modernbert-cls', 't5-dense']

/** SwiftShader compiles for seconds, and runs all of them in Chromium. */
const isSlow = 'name' in found && found.name === 'swiftshader'
const MODELS = isSlow ? OF_EACH_KIND : ALL
const SLOW = 'not run: takes minutes on SwiftShader'

const engines: Engine[] = []

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.dispose()))
})

interface Making extends Pick<WebGpuKernelsOptions, 'tile'> {
  readonly dtype?: GpuDtype | 'auto'
  readonly faults?: GpuFaults
  /** How many of its layers; the first of ModernBERT's look at all, the next at those near. */
  readonly layers?: number
}

async function create(name: string, { dtype = 'auto', tile, faults = {}, layers }: Making = {}): Promise<WebGpuEngine> {
  const { spec: whole, weightFiles } = await readFixtureModel(name)
  const spec = { ...whole, layers: whole.layers.slice(0, layers) }
  const source = gpu === undefined ? undefined : faultyGpu(gpu, faults)
  const engine = await createWebGpuKernels({ spec, weightFiles, dtype, tile, gpu: source })
  if (!(engine instanceof WebGpuEngine)) throw new Error('Expected an engine on WebGPU')
  engines.push(engine)
  return engine
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('It did not fail'),
    (caught: unknown) => caught,
  )
  if (isEmbedderError(error)) return error.code
  throw error
}

/** Token ids of a text that is longer than any golden one. */
const longText = (tokens: number): number[] => Array.from({ length: tokens }, (_, index) => 5 + ((index * 7) % 90))

describe('our kernels for WebGPU', () => {
  beforeEach((test) => {
    if (reason !== undefined) test.skip(reason)
  })

  it.each(MODELS)('give the vectors of Python for %s, in one batch and alone', async (name) => {
    const { tokenIds, embeddings, dimension } = readGolden(name)
    const engine = await create(name, { dtype: 'fp32' })
    const expected = decodeFloats(embeddings)
    // Padding on top, which no kernel may look at.
    const together = await engine.run(batchOf(tokenIds, 3))
    expect(worstError(together, expected, dimension)).toBeLessThanOrEqual(2e-5)
    for (const [row, ids] of tokenIds.entries()) {
      const alone = await engine.run(batchOf([ids]))
      const own = expected.subarray(row * dimension, (row + 1) * dimension)
      expect(worstError(alone, own, dimension)).toBeLessThanOrEqual(2e-5)
    }
  })

  it.each(TILES.flatMap((tile) => OF_EACH_KIND.map((name) => ({ tile, name }))))(
    'give them in the tiles $tile for $name',
    async ({ tile, name }) => {
      const { tokenIds, embeddings, dimension } = readGolden(name)
      const engine = await create(name, { dtype: 'fp32', tile })
      expect(engine.tile).toBe(tile)
      const expected = decodeFloats(embeddings)
      expect(worstError(await engine.run(batchOf(tokenIds)), expected, dimension)).toBeLessThanOrEqual(2e-5)
      const alone = await engine.run(batchOf(tokenIds.slice(0, 1)))
      expect(worstError(alone, expected.subarray(0, dimension), dimension)).toBeLessThanOrEqual(2e-5)
    },
  )

  it.each(OF_EACH_KIND)('are near to Python in int8 for %s', async (name) => {
    const { tokenIds, embeddings, dimension } = readGolden(name)
    const engine = await create(name, { dtype: 'q8' })
    const near = cosines(await engine.run(batchOf(tokenIds)), decodeFloats(embeddings), dimension)
    // A text without tokens has a vector of zeros. Models of 32 random components: real ones are nearer.
    expect(Math.min(...near.filter((cosine) => !Number.isNaN(cosine)))).toBeGreaterThan(0.998)
  })

  it.for(hasFloat16 ? MODELS : [BERT])(
    'are near to Python in float16 for %s, where the adapter can',
    async (name, test) => {
      if (!hasFloat16) {
        expect(await codeOf(create(BERT, { dtype: 'fp16' }))).toBe('webgpu-unavailable')
        test.skip('not run: the adapter has no shader-f16; that is refused')
      }
      const { tokenIds, embeddings, dimension } = readGolden(name)
      const engine = await create(name, { dtype: 'fp16' })
      expect(engine.dtype).toBe('fp16')
      const near = cosines(await engine.run(batchOf(tokenIds)), decodeFloats(embeddings), dimension)
      const real = near.filter((cosine) => !Number.isNaN(cosine))
      expect(Math.min(...real)).toBeGreaterThanOrEqual(0.9999)
    },
  )

  it('give what the kernels for WASM give, texts of all lengths in one batch', async () => {
    for (const name of OF_EACH_KIND) {
      const { spec, weightFiles } = await readFixtureModel(name)
      const module = { isShared: false, module: await kernelModule('simd'), build: 'simd', inSteps: true } as const
      const onWasm = await createKernelsEngine({ spec, weightFiles, module, dtype: 'fp32' })
      const onGpu = await create(name, { dtype: 'fp32' })
      const batch = batchOf([1, 2, 3, 17, 31, 32, 33, 64, 65, 100].map(longText))
      expect(worstError(await onGpu.run(batch), await onWasm.run(batch), spec.dim)).toBeLessThanOrEqual(5e-5)
    }
  })

  it('find out how a GPU best cuts products, and need no time for it where it is slow', async (test) => {
    if (isSlow) test.skip(SLOW)
    const { spec } = await readFixtureModel(BERT)
    const device = await testDevice()
    const trial = { device, pipelines: new GpuPipelines(device), spec, kind: 'fp32' } as const
    const tile = await chooseTiles({ ...trial, limitMs: 10_000 })
    expect(tile).toMatch(/^direct-\d+x\d+x\d+\/shared-\d+x\d+x\d+$/)
    const { tokenIds, embeddings, dimension } = readGolden(BERT)
    const engine = await create(BERT, { dtype: 'fp32', tile })
    const vectors = await engine.run(batchOf(tokenIds))
    expect(worstError(vectors, decodeFloats(embeddings), dimension)).toBeLessThanOrEqual(2e-5)
    expect(await chooseTiles({ ...trial, limitMs: 0 })).toBe('direct-16x8x4/shared-16x16x4')
  })

  it('choose tiles anew where those of an earlier load cannot be read', async (test) => {
    if (isSlow) test.skip(SLOW)
    const engine = await create(BERT, { tile: 'round-3' })
    expect(engine.tile).toMatch(/^direct-[\dx]+\/shared-[\dx]+$/)
  })

  it('say what they are, and take the dtype of the weights', async () => {
    const engine = await create(BERT)
    expect(engine).toMatchObject({ name: 'kernels', device: 'webgpu', runtime: 'wgsl', dtype: 'fp32', concurrency: 2 })
  })

  it('run batches that overlap, each with its own vectors, while buffers grow', async () => {
    const { tokenIds, embeddings, dimension } = readGolden(BERT)
    const engine = await create(BERT)
    const expected = decodeFloats(embeddings)
    const alone = tokenIds.map((ids) => engine.run(batchOf([ids])))
    const together = engine.run(batchOf([...tokenIds, ...tokenIds, ...tokenIds]))
    for (const [row, vectors] of (await Promise.all(alone)).entries()) {
      const own = expected.subarray(row * dimension, (row + 1) * dimension)
      expect(worstError(vectors, own, dimension)).toBeLessThanOrEqual(2e-5)
    }
    const all = await together
    for (const part of [0, 1, 2]) {
      const rows = all.subarray(part * expected.length, (part + 1) * expected.length)
      expect(worstError(rows, expected, dimension)).toBeLessThanOrEqual(2e-5)
    }
  })

  it('read texts of 8,192 tokens, with memory that grows with rows', async (test) => {
    if (isSlow) test.skip(SLOW)
    const engine = await create('modernbert-cls', { dtype: 'fp32', layers: 2 })
    const sizes: number[] = []
    for (const tokens of [2048, 8192]) {
      const vectors = await engine.run(batchOf([longText(tokens)]))
      expect(vectors.every(Number.isFinite)).toBe(true)
      sizes.push(engine.memory.scratch)
    }
    const [first = 0, second = 0] = sizes
    expect(second / first).toBeLessThan(4.1)
  })

  it('give a text of 1,500 tokens the vector of the kernels for WASM, alone and after a split', async (test) => {
    if (isSlow) test.skip(SLOW)
    const { spec, weightFiles } = await readFixtureModel('modernbert-cls')
    const module = { isShared: false, module: await kernelModule('simd'), build: 'simd', inSteps: true } as const
    const onWasm = await createKernelsEngine({ spec, weightFiles, module, dtype: 'fp32' })
    const onGpu = await create('modernbert-cls', { dtype: 'fp32' })
    // More rows than one part has.
    const batch = batchOf([longText(1500), longText(4), longText(1500), longText(1300), longText(9)])
    expect(worstError(await onGpu.run(batch), await onWasm.run(batch), spec.dim)).toBeLessThanOrEqual(1e-4)
  })

  it('take little more than the file in GPU memory', async () => {
    const { weightFiles } = await readFixtureModel(BERT)
    const bytes = Array.from(weightFiles.values()).reduce((sum, { byteLength }) => sum + byteLength, 0)
    const engine = await create(BERT, { dtype: 'fp32' })
    expect(engine.memory.weights).toBeLessThan(1.1 * bytes)
  })

  it('cut a table that is larger than a binding may be', async () => {
    const { tokenIds, embeddings, dimension } = readGolden(BERT)
    // The largest matrix of a layer fits, the word table takes several.
    const engine = await create(BERT, { dtype: 'fp32', faults: { maxBytes: 16_384 } })
    const vectors = await engine.run(batchOf(tokenIds))
    expect(worstError(vectors, decodeFloats(embeddings), dimension)).toBeLessThanOrEqual(2e-5)
  })

  it('fail with out-of-memory where a weight is larger than a binding may be', async () => {
    expect(await codeOf(create(BERT, { dtype: 'fp32', faults: { maxBytes: 2048 } }))).toBe('out-of-memory')
  })

  it('fail with out-of-memory where the weights have no room', async () => {
    expect(await codeOf(create(BERT, { faults: { isFull: (size) => size > 4096 } }))).toBe('out-of-memory')
  })

  it('fail with out-of-memory where a run has no room, and run what has some', async () => {
    const { tokenIds, embeddings, dimension } = readGolden(BERT)
    let isFull = false
    const engine = await create(BERT, { faults: { isFull: (size) => isFull && size > 4096 } })
    isFull = true
    const runs = [engine.run(batchOf([longText(400)])), engine.run(batchOf([longText(300)]))]
    expect(await Promise.all(runs.map(codeOf))).toEqual(['out-of-memory', 'out-of-memory'])
    isFull = false
    const vectors = await engine.run(batchOf(tokenIds))
    expect(worstError(vectors, decodeFloats(embeddings), dimension)).toBeLessThanOrEqual(2e-5)
  })

  it('fail all that is in flight with device-lost when the device is lost, and all that comes after', async () => {
    let device: GPUDevice | undefined
    const engine = await create(BERT, { faults: { onDevice: (made) => (device = made) } })
    await engine.run(batchOf([longText(8)]))
    const runs = [engine.run(batchOf([longText(200)])), engine.run(batchOf([longText(100)]))]
    device?.destroy()
    expect(await Promise.all(runs.map(codeOf))).toEqual(['device-lost', 'device-lost'])
    expect(await codeOf(engine.run(batchOf([longText(8)])))).toBe('device-lost')
  })

  it('end runs that wait with disposed', async () => {
    const engine = await create(BERT)
    const run = engine.run(batchOf([longText(50)]))
    await engine.dispose()
    expect(await codeOf(run)).toBe('disposed')
    expect(await codeOf(engine.run(batchOf([longText(8)])))).toBe('disposed')
  })

  it('run side by side, and live when another ends', async () => {
    const { tokenIds, embeddings, dimension } = readGolden(BERT)
    const [first, second] = [await create(BERT), await create(BERT)]
    await Promise.all([first.run(batchOf(tokenIds)), second.run(batchOf(tokenIds))])
    await first.dispose()
    const vectors = await second.run(batchOf(tokenIds))
    expect(worstError(vectors, decodeFloats(embeddings), dimension)).toBeLessThanOrEqual(2e-5)
  })
})
