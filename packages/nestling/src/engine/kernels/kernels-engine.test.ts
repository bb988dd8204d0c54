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

const MODELS = readdirSync(fixturePath('', ''))
const COMPILE_MS = 60_000

function batchOf(texts: readonly (readonly number[])[], seqLength = Math.max(1, ...texts.map((ids) => ids.length))): EncoderBatch {
  const ids = new Int32Array(texts.length * seqLength)
  texts.forEach((text, row) => {
    ids.set(text, row * seqLength)
  })
  return { count: texts.length, seqLength, ids, lengths: Int32Array.from(texts, ({ length }) => length), skippedTokens: 0 }
}

function read(name: string): Promise<Model> {
  const files = listFixtureFiles(name)
  return readModel(new ModelFolder({ kind: 'listed', name, files }, new DownloadProgress(() => undefined)))
}

async function create(model: Model, build: (typeof KERNEL_BUILDS)[number], dtype: 'fp32' | 'q8'): Promise<Engine> {
  const module = { module: await kernelModule(build), build, inSteps: false }
  return createKernelsEngine({ spec: model.spec, weightFiles: model.weightFiles, module, dtype })
}

describe.each(KERNEL_BUILDS)('the build %s', (build) => {
  beforeAll(() => kernelModule(build), COMPILE_MS)

  it.each(MODELS)('gives the vectors of Python for %s, in one batch and alone', async (name) => {
    const { tokenIds, embeddings, dimension } = readGolden(name)
    const engine = await create(await read(name), build, 'fp32')
    const expected = decodeFloats(embeddings)
    expect(worstError(await engine.run(batchOf(tokenIds)), expected, dimension)).toBeLessThanOrEqual(2e-4)
    for (const [row, ids] of tokenIds.entries()) {
      const alone = await engine.run(batchOf([ids]))
      expect(worstError(alone, expected.subarray(row * dimension, (row + 1) * dimension), dimension)).toBeLessThanOrEqual(2e-4)
    }
  })

  it.each(MODELS)('is near to Python in int8 for %s', async (name) => {
    const { tokenIds, embeddings, dimension } = readGolden(name)
    const engine = await create(await read(name), build, 'q8')
    const found = cosines(await engine.run(batchOf(tokenIds)), decodeFloats(embeddings), dimension)
    console.log(name, Math.min(...found))
  })
})
