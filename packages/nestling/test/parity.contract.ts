import { decodeFloats, worstError, type Golden } from '@nestling/testing'
import { withInternal } from '@nestling/testing/internal-options'
import { Embeddings, load, type Embedder, type LoadOptions } from 'nestling/onnx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Where models run, and how near to Python they are. */
export interface ParityLane {
  readonly name: string
  readonly options: LoadOptions
  /** Build of onnxruntime-web that is forced. */
  readonly runtime?: 'asyncify'
  readonly tolerance: number
  readonly models: readonly string[]
  /** Where a model's folder is, and what Python wrote of it; below /fixtures when left out. */
  readonly folders?: ModelFolders
  /** Dims that are encoded; SwiftShader takes seconds for each, so there the rest is cut from full vectors only. */
  readonly dimsEncoded: number
}

/** Finds the folders of models. */
export interface ModelFolders {
  readonly pathOf: (model: string) => string
  readonly readGolden: (model: string) => Promise<Golden>
}

const SERVED: ModelFolders = {
  pathOf: (model) => `/fixtures/${model}`,
  readGolden: async (model) => (await (await fetch(`/fixtures/${model}/golden.json`)).json()) as Golden,
}

/** Compares all that a model gives with the golden file that Python wrote for it. */
export function describeParity(lanes: readonly ParityLane[]): void {
  describe.each(lanes.flatMap((lane) => lane.models.map((model) => ({ ...lane, model }))))(
    '$model on $name',
    describeModel,
  )
}

function describeModel({
  model,
  options,
  runtime,
  tolerance,
  dimsEncoded,
  folders: { pathOf, readGolden } = SERVED,
}: ParityLane & { readonly model: string }): void {
  let golden: Golden
  let embedder: Embedder
  let embeddings: Embeddings

  beforeAll(async () => {
    golden = await readGolden(model)
    embedder = await load(pathOf(model), runtime === undefined ? options : withInternal(options, { runtime }))
    embeddings = await embedder.encode(golden.texts, { batchSize: golden.texts.length })
  })
  afterAll(() => embedder.dispose())

  const errorOf = (actual: Float32Array, expected: string, dim: number): number =>
    worstError(actual, decodeFloats(expected), dim)

  it('reads the same tokens as Python', async () => {
    const tokens = await embedder.tokenize(golden.texts)
    expect(tokens.map(({ inputIds }) => Array.from(inputIds))).toEqual(golden.tokenIds)
  })

  it('gives the vectors of Python for all texts in one batch', () => {
    expect(embeddings.shape).toEqual([golden.texts.length, golden.dimension])
    expect(errorOf(embeddings.data, golden.embeddings, golden.dimension)).toBeLessThanOrEqual(tolerance)
  })

  it('gives the vectors of Python for each text alone', async () => {
    const alone = await embedder.encode(golden.texts, { batchSize: 1 })
    expect(errorOf(alone.data, golden.embeddings, golden.dimension)).toBeLessThanOrEqual(tolerance)
  })

  it('truncates as Python does, before it normalizes', async () => {
    const dims = Object.keys(golden.truncated).map(Number)
    for (const dim of dims) {
      const cut = embeddings.truncate(dim)
      expect(errorOf(cut.data, golden.truncated[dim] ?? '', dim)).toBeLessThanOrEqual(tolerance)
    }
    for (const dim of dims.slice(0, dimsEncoded)) {
      // Calls of one tick run their texts once.
      const [plain, normalized] = await Promise.all([
        embedder.encode(golden.texts, { truncateDim: dim }),
        embedder.encode(golden.texts, { truncateDim: dim, normalize: true }),
      ])
      expect(errorOf(plain.data, golden.truncated[dim] ?? '', dim)).toBeLessThanOrEqual(tolerance)
      expect(errorOf(normalized.data, golden.truncatedNormalized[dim] ?? '', dim)).toBeLessThanOrEqual(tolerance)
    }
  })

  it('normalizes as Python does', async () => {
    const { data } = await embedder.encode(golden.texts, { normalize: true })
    expect(errorOf(data, golden.normalized, golden.dimension)).toBeLessThanOrEqual(tolerance)
  })

  it('compares as Python does', async () => {
    const part = (start: number, end: number): Embeddings => {
      const { dim, data, space } = embeddings
      return new Embeddings(data.slice(start * dim, end * dim), [end - start, dim], space)
    }
    const matrix = await embedder.similarity(part(0, 6), part(6, 12))
    expect(matrix.shape).toEqual([6, 6])
    expect(errorOf(matrix.data, golden.similarity6x6, 6)).toBeLessThanOrEqual(tolerance)
    const pairs = await embedder.similarityPairwise(part(0, 12), part(12, 24))
    expect(errorOf(pairs.data, golden.similarityPairwise, 12)).toBeLessThanOrEqual(tolerance)
  })

  it('puts a prompt in front as Python does', async () => {
    const { data } = await embedder.encode(golden.texts, { prompt: 'note: ' })
    expect(errorOf(data, golden.promptText, golden.dimension)).toBeLessThanOrEqual(tolerance)
  })

  it('says where it runs', () => {
    expect(embedder.report).toMatchObject({
      device: options.device,
      engine: options.engine ?? 'kernels',
      dtype: 'fp32',
      model,
    })
    if (options.device !== 'webgpu') return
    expect(embedder.report.runtime).toBe(options.engine === 'onnx' ? (runtime ?? 'jspi') : 'wgsl')
  })
}
