import { readdirSync } from 'node:fs'
import { cosines, decodeFloats, worstError } from '@nestling/testing'
import { fixturePath, listFixtureFiles, readGolden } from '@nestling/testing/disk'
import { KERNEL_BUILDS, kernelModule } from '@nestling/testing/kernels'
import { beforeAll, describe, expect, it } from 'vitest'
import { DownloadProgress } from '../../model/download-progress.js'
import { ModelFolder } from '../../model/model-folder.js'
import { readModel, type Model } from '../../model/read-model.js'
import type { EncoderBatch, Engine } from '../engine.js'
import { createKernelsEngine } from './kernels-engine.js'

/** Its prompt is left out of pooling, which no engine knows of: parity.browser.test.ts goes through it. */
const WITH_PROMPT = 'bert-prompt-excluded'
const MODELS = readdirSync(fixturePath('', '')).filter((name) => name !== WITH_PROMPT)
const BERT = 'bert-mean-normalize'

/** AssemblyScript compiles both builds from source, so that none is stale. */
const COMPILE_MS = 60_000
/** Tables of 65,536 halves are made in bert-fp16. */
const MODEL_MS = 10_000

type Build = (typeof KERNEL_BUILDS)[number]

function batchOf(texts: readonly (readonly number[])[], padding = 0): EncoderBatch {
  const seqLength = Math.max(1, ...texts.map(({ length }) => length)) + padding
  const ids = new Int32Array(texts.length * seqLength)
  texts.forEach((text, row) => {
    ids.set(text, row * seqLength)
  })
  const lengths = Int32Array.from(texts, ({ length }) => length)
  return { count: texts.length, seqLength, ids, lengths, skippedTokens: 0 }
}

function read(name: string): Promise<Model> {
  const files = listFixtureFiles(name)
  return readModel(new ModelFolder({ kind: 'listed', name, files }, new DownloadProgress(() => undefined)))
}

async function create(name: string, build: Build, dtype: 'fp32' | 'q8' | 'auto', inSteps = true): Promise<Engine> {
  const { spec, weightFiles } = await read(name)
  const module = { module: await kernelModule(build), build, inSteps }
  return createKernelsEngine({ spec, weightFiles, module, dtype })
}

describe.each(KERNEL_BUILDS)('the build %s', (build) => {
  beforeAll(() => kernelModule(build), COMPILE_MS)

  it.each(MODELS)(
    'gives the vectors of Python for %s, in one batch and alone',
    async (name) => {
      const { tokenIds, embeddings, dimension } = readGolden(name)
      const engine = await create(name, build, 'fp32')
      const expected = decodeFloats(embeddings)
      // Padding on top, which no kernel may look at.
      const together = await engine.run(batchOf(tokenIds, 3))
      expect(worstError(together, expected, dimension)).toBeLessThanOrEqual(2e-4)
      for (const [row, ids] of tokenIds.entries()) {
        const alone = await engine.run(batchOf([ids]))
        const own = expected.subarray(row * dimension, (row + 1) * dimension)
        expect(worstError(alone, own, dimension)).toBeLessThanOrEqual(2e-4)
      }
    },
    MODEL_MS,
  )

  it.each(MODELS)(
    'is near to Python in int8 for %s, and gives a text the same vector in any batch',
    async (name) => {
      const { tokenIds, embeddings, dimension } = readGolden(name)
      const engine = await create(name, build, 'q8')
      const together = await engine.run(batchOf(tokenIds))
      // A text without tokens has a vector of zeros.
      const near = cosines(together, decodeFloats(embeddings), dimension).filter((cosine) => !Number.isNaN(cosine))
      // Models of 32 random components: real ones are nearer, see docs and minilm.browser.test.ts.
      expect(Math.min(...near)).toBeGreaterThan(0.995)
      for (const [row, ids] of tokenIds.entries()) {
        const alone = await engine.run(batchOf([ids]))
        expect(alone).toEqual(together.slice(row * dimension, (row + 1) * dimension))
      }
    },
    MODEL_MS,
  )

  it('says what it is, and takes the dtype of the weights', async () => {
    const engine = await create(BERT, build, 'auto')
    expect(engine).toMatchObject({ name: 'kernels', device: 'wasm', runtime: build, dtype: 'fp32', threads: 1 })
  })

  it('computes texts beyond its largest batch in parts', async () => {
    const engine = await create(BERT, build, 'fp32')
    const long = Array.from({ length: 60 }, (_, index) => 5 + index)
    const texts = Array.from({ length: 100 }, (_, index) => long.slice(0, 1 + (index % 60)))
    const [dim] = [32]
    const all = await engine.run(batchOf(texts))
    const alone = await engine.run(batchOf([texts[99] ?? []]))
    expect(worstError(all.slice(99 * dim), alone, dim)).toBeLessThan(1e-6)
  })

  it('rejects once it is disposed', async () => {
    const engine = await create(BERT, build, 'fp32')
    await engine.dispose()
    await expect(engine.run(batchOf([[1, 2]]))).rejects.toMatchObject({ code: 'disposed' })
  })
})

it('gives equal vectors in int8 on every build and in every way to multiply', async () => {
  const { tokenIds } = readGolden(BERT)
  const batch = batchOf(tokenIds)
  const steps = await (await create(BERT, 'relaxed-simd', 'q8', true)).run(batch)
  const fused = await (await create(BERT, 'relaxed-simd', 'q8', false)).run(batch)
  const plain = await (await create(BERT, 'simd', 'q8')).run(batch)
  expect(fused).toEqual(steps)
  // The sums are equal; what is around them is rounded once or twice.
  expect(Math.min(...cosines(plain, steps, 32))).toBeGreaterThan(0.9999)
})
