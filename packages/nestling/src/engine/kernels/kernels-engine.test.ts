import { readdirSync } from 'node:fs'
import { cosines, decodeFloats, worstError } from '@nestling/testing'
import { fixturePath, readGolden } from '@nestling/testing/disk'
import { KERNEL_BUILDS, kernelModule } from '@nestling/testing/kernels'
import { beforeAll, describe, expect, it } from 'vitest'
import { batchOf, readFixtureModel } from '../../../test/fixture-models.js'
import type { Engine } from '../engine.js'
import type { ClaimSlot } from './claim-slot.js'
import { attachKernelsEngine, createKernelsEngine } from './kernels-engine.js'
import type { SharedWeights } from './shared-weights.js'

/** Its prompt is left out of pooling, which no engine knows of: parity.browser.test.ts goes through it. */
const WITH_PROMPT = 'bert-prompt-excluded'
const MODELS = readdirSync(fixturePath('', '')).filter((name) => name !== WITH_PROMPT)
const BERT = 'bert-mean-normalize'

/** AssemblyScript compiles both builds from source, so that none is stale. */
const COMPILE_MS = 60_000
/** Tables of 65,536 halves are made in bert-fp16. */
const MODEL_MS = 10_000

type Build = (typeof KERNEL_BUILDS)[number]

async function create(name: string, build: Build, dtype: 'fp32' | 'q8' | 'auto', inSteps = true): Promise<Engine> {
  const { spec, weightFiles } = await readFixtureModel(name)
  const module = { isShared: false, module: await kernelModule(build), build, inSteps }
  return createKernelsEngine({ spec, weightFiles, module, dtype })
}

/** Slots as Web Locks give them, which Node 20 has not. */
class Slots {
  readonly #taken = new Set<number>()

  readonly claim: ClaimSlot = (_, count) => {
    const index = Array.from({ length: count }, (__, slot) => slot).find((slot) => !this.#taken.has(slot)) ?? 0
    this.#taken.add(index)
    return Promise.resolve({ index, release: () => void this.#taken.delete(index) })
  }
}

/** Engines of several workers on one memory. */
async function createShared(
  name: string,
  build: Build,
  dtype: 'fp32' | 'q8',
): Promise<{ readonly first: Engine; readonly weights: SharedWeights; readonly another: () => Promise<Engine> }> {
  const { spec, weightFiles } = await readFixtureModel(name)
  const module = { isShared: true, module: await kernelModule(build, true), build, inSteps: true }
  const { claim: claimSlot } = new Slots()
  const first = await createKernelsEngine({ spec, weightFiles, module, dtype, claimSlot })
  const weights = structuredClone(first.shared) as SharedWeights
  return { first, weights, another: () => attachKernelsEngine({ spec, module, weights, claimSlot }) }
}

/** A copy of what may never change: all below the rooms. */
function weightsOf({ memory }: SharedWeights, end: number): Uint8Array {
  return new Uint8Array(memory.buffer).slice(0, end)
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

describe.each(['fp32', 'q8'] as const)('workers that share weights in %s', (dtype) => {
  beforeAll(() => Promise.all(KERNEL_BUILDS.map((build) => kernelModule(build, true))), COMPILE_MS)

  it.each(MODELS)(
    'give the vectors of one with its own, bit for bit: %s',
    async (name) => {
      const { tokenIds } = readGolden(name)
      const batches = [batchOf(tokenIds), ...tokenIds.map((ids) => batchOf([ids, ids]))]
      for (const build of KERNEL_BUILDS) {
        const own = await create(name, build, dtype)
        const { first, another } = await createShared(name, build, dtype)
        const engines = [first, await another(), await another()]
        for (const batch of batches) {
          const expected = await own.run(batch)
          for (const engine of engines) expect(await engine.run(batch)).toEqual(expected)
        }
      }
    },
    MODEL_MS,
  )
})

describe('shared weights', () => {
  const long = Array.from({ length: 60 }, (_, index) => 5 + index)
  const large = batchOf(Array.from({ length: 90 }, () => long))
  const small = batchOf([long.slice(0, 9)])

  it('are as they were after every worker has run, whatever room it needed', async () => {
    const { first, weights, another } = await createShared(BERT, 'simd', 'fp32')
    const end = 65_536 * (new Int32Array(weights.rooms)[0] as number)
    const before = weightsOf(weights, end)
    expect(before.some((byte) => byte !== 0)).toBe(true)
    for (const engine of [first, await another(), await another()]) {
      for (const batch of [small, large, small]) await engine.run(batch)
    }
    expect(weightsOf(weights, end)).toEqual(before)
  })

  it('outlive the worker that made them, and those that come and go take no more memory', async () => {
    const { first, weights, another } = await createShared(BERT, 'simd', 'q8')
    const expected = await first.run(large)
    const other = await another()
    expect(await other.run(large)).toEqual(expected)
    await first.dispose()
    const { byteLength } = weights.memory.buffer
    for (let worker = 0; worker < 50; worker++) {
      const next = await another()
      expect(await next.run(large)).toEqual(expected)
      await next.dispose()
    }
    expect(weights.memory.buffer.byteLength).toBe(byteLength)
    expect(await other.run(large)).toEqual(expected)
  })

  it('are there once: another worker adds its room alone', async () => {
    const { first, weights, another } = await createShared(BERT, 'simd', 'fp32')
    await first.run(small)
    const { byteLength } = weights.memory.buffer
    const room = new Int32Array(weights.rooms)[2] as number
    await (await another()).run(small)
    expect(weights.memory.buffer.byteLength - byteLength).toBeLessThanOrEqual(room * 65_536)
  })

  it('are none of an engine with a memory of its own', async () => {
    expect((await create(BERT, 'simd', 'q8')).shared).toBeUndefined()
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
