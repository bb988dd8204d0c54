import { cosines, decodeFloats } from '@nestling/testing'
import { minilmL6 } from '@nestling/minilm-l6'
import { load, type Embedder, type ProgressEvent } from 'nestling/onnx'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

interface PackageGolden {
  readonly dimension: number
  readonly texts: readonly string[]
  readonly tokenIds: readonly (readonly number[])[]
  readonly embeddings: string
}

/** On SwiftShader a token takes about 78 ms: short texts alone, one batch of 4, one text of 256 tokens. */
const WEBGPU_TOKENS = 48
const WEBGPU_BATCH = [0, 1, 2, 23]

let golden: PackageGolden
let expected: Float32Array

beforeAll(async () => {
  const url = minilmL6.files.find(({ path }) => path === 'golden.json')?.url ?? ''
  golden = (await (await fetch(url)).json()) as PackageGolden
  expected = decodeFloats(golden.embeddings)
})

/** Cosines between what was encoded and Python's float32 vectors. */
async function compare(embedder: Embedder, indices: readonly number[], batchSize: number): Promise<number[]> {
  const { data } = await embedder.encode(
    indices.map((index) => golden.texts[index] ?? ''),
    { batchSize },
  )
  const rows = indices.flatMap((index) => Array.from(expected.subarray(index * 384, (index + 1) * 384)))
  return cosines(data, Float32Array.from(rows), 384)
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe.each(['onnx', 'kernels'] as const)('@nestling/minilm-l6 on wasm, engine %s', (engine) => {
  // Activations of int8 too.
  const near = engine === 'kernels' ? { mean: 0.995, min: 0.975 } : { mean: 0.998, min: 0.99 }
  let embedder: Embedder
  const events: ProgressEvent[] = []

  beforeAll(async () => {
    embedder = await load(minilmL6, { device: 'wasm', engine, onProgress: (event) => events.push(event) })
  })
  afterAll(() => embedder.dispose())

  it('computes in what the weights are made for', () => {
    const dtype = engine === 'kernels' ? 'q8' : 'fp32'
    expect(embedder.report).toMatchObject({ engine, dtype, device: 'wasm', verified: true })
  })

  it('reads the same tokens as Python', async () => {
    const tokens = await embedder.tokenize(golden.texts)
    expect(tokens.map(({ inputIds }) => Array.from(inputIds))).toEqual(golden.tokenIds)
  })

  it.each([1, 24])('is near to float32 on every text, in batches of %i', async (batchSize) => {
    const all = await compare(
      embedder,
      golden.texts.map((_, index) => index),
      batchSize,
    )
    expect(mean(all)).toBeGreaterThanOrEqual(near.mean)
    expect(Math.min(...all)).toBeGreaterThanOrEqual(near.min)
  })

  it('gives the matrix of the seed card within 0.01 of Python', async () => {
    const embeddings = await embedder.encode(['It is well.', "That's convenient.", 'away from the children'])
    const { data, shape } = await embedder.similarity(embeddings, embeddings)
    expect(shape).toEqual([3, 3])
    // Python, float32: .2682, .1576, .1582 off the diagonal.
    const python = [1, 0.2682, 0.1576, 0.2682, 1, 0.1582, 0.1576, 0.1582, 1]
    python.forEach((value, index) => {
      expect(Math.abs((data[index] ?? NaN) - value)).toBeLessThan(0.01)
    })
  })

  it('reports bytes, phases and a fraction that never falls', () => {
    const fractions = events.map(({ fraction }) => fraction)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(events.at(-1)).toEqual({ phase: 'ready', fraction: 1 })
    expect([...new Set(events.map(({ phase }) => phase))]).toEqual(['download', 'compile', 'warm-up', 'ready'])
    const last = events.filter(({ phase }) => phase === 'download').at(-1)
    expect(last?.loadedBytes).toBe(last?.totalBytes)
    expect(last?.totalBytes).toBeGreaterThan(20e6)
  })

  it('warns once about a dim that the model was not made for', async () => {
    await embedder.encode('a', { truncateDim: 100 })
    await embedder.encode('a', { truncateDim: 99 })
    await embedder.encode('a', { truncateDim: 128 })
    const { warnings } = embedder.report
    expect(warnings.filter(({ kind }) => kind === 'dim-not-nested')).toHaveLength(1)
    expect(embedder.nestedDims).toEqual([384, 256, 128, 64, 32, 16])
  })
})

describe('@nestling/minilm-l6 on webgpu', () => {
  let embedder: Embedder

  beforeAll(async () => {
    embedder = await load(minilmL6, { device: 'webgpu' })
  })
  afterAll(() => embedder.dispose())

  it('computes in int8 weights on our kernels, and is verified', () => {
    const { engine, dtype, verified, verification } = embedder.report
    expect({ engine, dtype, verified }).toEqual({ engine: 'kernels', dtype: 'q8', verified: true })
    expect(verification.dims).toEqual([384, 256, 128, 64, 32, 16])
  })

  it('is near to float32 on a batch', async () => {
    const all = await compare(embedder, WEBGPU_BATCH, 4)
    expect(mean(all)).toBeGreaterThanOrEqual(0.998)
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0.99)
  }, 300_000)

  it(
    'is near to float32 on short texts one by one, and on a text of full length',
    { timeout: 300_000 },
    async (test) => {
      if (!inject('runsAll')) test.skip('takes two minutes on SwiftShader; npm run test:all runs it')
      const short = golden.tokenIds.flatMap((ids, index) => (ids.length <= WEBGPU_TOKENS ? [index] : []))
      const long = golden.tokenIds.flatMap((ids, index) => (ids.length === 256 ? [index] : []))
      expect(long).toHaveLength(1)
      const all = [...(await compare(embedder, short, 1)), ...(await compare(embedder, long, 1))]
      expect(mean(all)).toBeGreaterThanOrEqual(0.998)
      expect(Math.min(...all)).toBeGreaterThanOrEqual(0.99)
    },
  )
})
