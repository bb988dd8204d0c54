import { cosines } from '@nestling/testing'
import fc from 'fast-check'
import { load, type Embedder, type LoadOptions } from 'nestling/onnx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Another pooling, another position scheme, another kind of attention, and a table without a network. */
const MODELS = ['bert-mean-normalize', 'bert-lasttoken', 'roberta-mean-matryoshka', 'gemma3-dense', 'static-normalize']
const GPU_MODEL = 'bert-lasttoken'

const TEXTS: readonly string[] = [
  '',
  ' ',
  'a',
  'The river rises early.',
  'away from the children',
  '誰も知らない言葉で書かれた手紙',
  'Ωμέγα και άλφα, πάντα μαζί',
  'word '.repeat(20),
  'The longest of them all goes on until the model reads no further. '.repeat(8),
  '\ud800 lone',
  '👩‍👩‍👧 and 👍🏽',
  'x'.repeat(300),
]

/** A way to encode all texts: an order, where it is cut into calls, and a batch size for each. */
const partitions = fc.record({
  order: fc.shuffledSubarray([...TEXTS.keys()], { minLength: TEXTS.length }),
  cuts: fc.array(fc.integer({ min: 0, max: TEXTS.length }), { maxLength: 5 }),
  batchSizes: fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 6, maxLength: 6 }),
})

/** The vectors of all texts, in the order of the texts, however they are split. */
async function encodeSplit(
  embedder: Embedder,
  { order, cuts, batchSizes }: { order: readonly number[]; cuts: readonly number[]; batchSizes: readonly number[] },
): Promise<Float32Array> {
  const ends = [...cuts, TEXTS.length].sort((a, b) => a - b)
  const dim = embedder.dim
  const all = new Float32Array(TEXTS.length * dim)
  const calls = ends.map(async (end, call) => {
    const part = order.slice(call === 0 ? 0 : ends[call - 1], end)
    const options = { batchSize: batchSizes[call] ?? 1 }
    const { data } = await embedder.encode(
      part.map((index) => TEXTS[index] ?? ''),
      options,
    )
    part.forEach((index, row) => {
      all.set(data.subarray(row * dim, (row + 1) * dim), index * dim)
    })
  })
  await Promise.all(calls)
  return all
}

async function encodeAlone(embedder: Embedder): Promise<Float32Array> {
  const rows = []
  for (const text of TEXTS) rows.push(...(await embedder.encode(text)).data)
  return Float32Array.from(rows)
}

function worstDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, index) => Math.max(worst, Math.abs(value - (b[index] ?? NaN))), 0)
}

const WAYS: readonly LoadOptions[] = [{ engine: 'onnx' }, { engine: 'kernels' }, { engine: 'kernels', dtype: 'q8' }]

describe.each(MODELS.flatMap((model) => WAYS.map((way) => ({ model, ...way }))))('$model on $engine $dtype', (how) => {
  const { model, ...way } = how
  let embedder: Embedder
  beforeAll(async () => {
    embedder = await load(`/fixtures/${model}`, { device: 'wasm', ...way })
  })
  afterAll(() => embedder.dispose())

  it('gives a text the same vector in any order, batch and partition', async () => {
    const alone = await encodeAlone(embedder)
    const property = fc.asyncProperty(partitions, async (split) => {
      expect(worstDifference(await encodeSplit(embedder, split), alone)).toBeLessThan(1e-5)
    })
    await fc.assert(property, { numRuns: 20 })
  })
})

describe(`${GPU_MODEL} on webgpu`, () => {
  let embedder: Embedder
  beforeAll(async () => {
    embedder = await load(`/fixtures/${GPU_MODEL}`, { device: 'webgpu' })
  })
  afterAll(() => embedder.dispose())

  it('gives a text the same vector in any order, batch and partition, and that of wasm', async () => {
    const alone = await encodeAlone(embedder)
    const property = fc.asyncProperty(partitions, async (split) => {
      expect(worstDifference(await encodeSplit(embedder, split), alone)).toBeLessThan(1e-5)
    })
    await fc.assert(property, { numRuns: 3 })
    const other = await load(`/fixtures/${GPU_MODEL}`, { device: 'wasm', engine: 'onnx' })
    const onWasm = await encodeAlone(other)
    await other.dispose()
    expect(Math.min(...cosines(alone, onWasm, embedder.dim))).toBeGreaterThanOrEqual(0.9999)
  })
})
