import { Embeddings, load, type Embedder, type EmbedderWarning } from 'nestling'
import { afterEach, describe, expect, it } from 'vitest'

/** Its vectors have 32 components. */
const FOLDER = '/fixtures/bert-mean-normalize'
const DIM = 32
const TEXTS = ['A cat sleeps on the sofa.', 'The train was late again.']

let embedder: Embedder | undefined
afterEach(async () => {
  await embedder?.dispose()
  embedder = undefined
})

describe('similarity()', () => {
  it('compares vectors from elsewhere as if they had come from encode()', async () => {
    embedder = await load(FOLDER, { device: 'wasm' })
    const own = await embedder.encode(TEXTS)
    const query = await embedder.encodeQuery('a cat')
    const rows = JSON.parse(JSON.stringify([...own].map((row) => [...row]))) as number[][]
    const scores = await embedder.similarity(query, own)
    expect(await embedder.similarity(query, Embeddings.from(rows))).toEqual(scores)
    expect(await embedder.similarity(Embeddings.from([...query.data]), Embeddings.from([...own], own.space))).toEqual(
      scores,
    )
    const plain = rows as unknown as Embeddings
    for (const call of [embedder.similarity(query, plain), embedder.similarityPairwise(plain, own)]) {
      await expect(call).rejects.toThrow(TypeError)
      await expect(call).rejects.toThrow('Make embeddings of them: Embeddings.from(rows)')
    }
  })
})

describe('truncateDim beyond the model', () => {
  it('gives all components as Python does, and is said once, at the first call', async () => {
    const warnings: EmbedderWarning[] = []
    embedder = await load(FOLDER, { device: 'wasm', onWarning: (warning) => warnings.push(warning) })
    const whole = await embedder.encode(TEXTS, { truncateDim: DIM })
    expect(warnings).toEqual([])
    for (const precision of ['float32', 'int8'] as const) {
      const more = await embedder.encode(TEXTS, { truncateDim: 512, precision })
      expect(more.shape).toEqual([2, DIM])
    }
    expect((await embedder.encodeDocument(TEXTS, { truncateDim: 9999 })).data).toEqual(whole.data)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatchObject({
      kind: 'dim-beyond-model',
      message: expect.stringMatching(/32 .* 512/) as string,
    })
  })

  it('is said by load() already', async () => {
    embedder = await load(FOLDER, { device: 'wasm', truncateDim: 512 })
    expect(embedder.report.warnings.map(({ kind }) => kind)).toEqual(['dim-beyond-model'])
    expect((await embedder.encode('a')).shape).toEqual([DIM])
  })
})

describe('load()', () => {
  it('names the options that there are, and none that only tests have', async () => {
    const loading = load(FOLDER, { devices: 'wasm' } as object)
    await expect(loading).rejects.toThrow(TypeError)
    const message = await loading.then(String, (error: unknown) => (error as Error).message)
    expect(message).toMatch(/devices is not an option: the options are device, engine, dtype, truncateDim, .*signal$/)
    expect(message).not.toMatch(/limits|runtime/)
  })
})
