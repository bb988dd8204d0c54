import { load, Matrix, quantizeEmbeddings, type Embedder, type Embeddings } from 'nestling'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'

const TEXTS = ['It is well.', "That's convenient.", 'away from the children', 'The river rises early.']

describe('the option precision', () => {
  let embedder: Embedder
  let floats: Embeddings

  beforeAll(async () => {
    embedder = await load('/fixtures/bert-mean-normalize', { device: 'wasm' })
    floats = await embedder.encode(TEXTS, { truncateDim: 16, normalize: true })
  })
  afterAll(() => embedder.dispose())

  it.each(['float32', 'int8', 'uint8', 'binary', 'ubinary'] as const)(
    'gives %s of the truncated and scaled vectors, over all rows of the call',
    async (precision) => {
      const result = await embedder.encode(TEXTS, { truncateDim: 16, normalize: true, precision })
      expect(result).toEqual(await quantizeEmbeddings(floats, precision))
      expect(result.precision).toBe(precision)
      const scores = await embedder.similarity(result, structuredClone(result))
      expect(scores.shape).toEqual([4, 4])
      for (const [index, row] of [...scores].entries()) expect(row[index]).toBe(Math.max(...row))
    },
  )

  it('needs ranges for the levels of one text, and says so before it runs', async () => {
    await expect(embedder.encode('one', { precision: 'int8' })).rejects.toThrow(/Give ranges/)
    const ranges = new Matrix(
      Float32Array.from({ length: 64 }, (_, index) => (index < 32 ? -1 : 1)),
      [2, 32],
    )
    const one = await embedder.encodeQuery('one', { precision: 'int8', ranges })
    expectTypeOf(one).toExtend<Embeddings<readonly [number], 'int8'>>()
    expect(one.shape).toEqual([32])
    const wrong = embedder.encode(TEXTS, { precision: 'uint8', ranges, truncateDim: 8 })
    await expect(wrong).rejects.toThrow(RangeError)
    expect((await embedder.encode([], { precision: 'binary' })).shape).toEqual([0, 4])
  })

  it('compares no two precisions', async () => {
    const bits = await embedder.encode(TEXTS, { precision: 'ubinary', truncateDim: 16 })
    await expect(embedder.similarity(floats, bits)).rejects.toThrow(/are float32 and ubinary/)
  })
})
