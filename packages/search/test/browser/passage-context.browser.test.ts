import { createIndex, type CreateIndexOptions, type IndexDocument, type SearchEmbedder } from '@nestling/search'
import { codeOf } from '@nestling/testing/outcome'
import { load, type Embedder } from 'nestling'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const LONG = Array.from({ length: 30 }, (_, place) => `Sentence number ${place} tells of a river.`).join(' ')

let embedder: Embedder
beforeAll(async () => {
  embedder = await load('/fixtures/bert-mean-normalize', { device: 'wasm' })
})
afterAll(() => embedder.dispose())

/** What an embedder is given to encode when documents are added. */
async function inputsOf(documents: readonly IndexDocument[], options: CreateIndexOptions = {}): Promise<string[]> {
  const inputs: string[] = []
  const { dim, maxSeqLength, nestedDims, similarityFunction } = embedder
  const noting: SearchEmbedder = {
    ...{ dim, maxSeqLength, nestedDims, similarityFunction, prompts: { document: 'tells: ' } },
    encodeQuery: (text, how) => embedder.encodeQuery(text, how),
    encodeDocument(texts, how) {
      inputs.push(...texts)
      return embedder.encodeDocument(texts, how)
    },
    chunk: (texts, { promptName, prompt, ...how }) =>
      embedder.chunk(texts, { ...how, prompt: prompt ?? (promptName === undefined ? '' : 'tells: ') }),
  }
  const index = await createIndex({ embedder: noting, ...options })
  await index.add(documents)
  await index.dispose()
  return inputs
}

const text = 'The river rises early.'

describe('the context of a passage', () => {
  it('is its title and headings, a line each, as it is encoded; what is found is the text', async () => {
    const metadata = { title: 'Rivers', headings: ['Europe', 'The Danube'], year: 1854 }
    const input = 'Rivers\nEurope\nThe Danube\nThe river rises early.'
    expect(await inputsOf([{ id: 1, text, metadata }])).toEqual([input])
    const index = await createIndex({ embedder })
    await index.add([{ id: 1, text, metadata }])
    const [hit] = await index.search(await embedder.encodeDocument(input))
    expect(hit).toMatchObject({ score: expect.closeTo(1, 5) as number, passage: { text, start: 0, end: text.length } })
    await index.dispose()
  })

  it('is what the option names, in that order, or nothing', async () => {
    const metadata = { title: 'Rivers', book: 'Walden', tags: ['a', 'b'] }
    const documents = [{ id: 1, text, metadata }]
    expect(await inputsOf(documents, { context: ['tags', 'book'] })).toEqual([`a\nb\nWalden\n${text}`])
    expect(await inputsOf(documents, { context: [] })).toEqual([text])
    expect(await inputsOf(documents, { context: ['constructor', 'none'] })).toEqual([text])
    expect(await inputsOf([{ id: 1, text }])).toEqual([text])
    expect(await codeOf(createIndex({ context: 'title' as unknown as string[] }))).toBe('TypeError')
    expect(await codeOf(createIndex({ context: [1] as unknown as string[] }))).toBe('TypeError')
  })

  it('is nothing of what is no text, and is not said twice', async () => {
    const odd = { title: 5, headings: [null, 1, ' ', 'Rivers ', ['deep']] }
    expect(await inputsOf([{ id: 1, text, metadata: odd }])).toEqual([`Rivers\n${text}`])
    const own = { title: 'The river' }
    expect(await inputsOf([{ id: 1, text, metadata: own }])).toEqual([text])
    expect(await inputsOf([{ id: 1, text: '', metadata: own }])).toEqual(['The river\n'])
  })

  it('stands in front of each piece of a long text, and all fits, the prompt too', async () => {
    const documents = ['Rivers', 'Lakes and seas', undefined].map((title, id) => ({
      id,
      text: LONG,
      ...(title === undefined ? {} : { metadata: { title } }),
    }))
    for (const overlapTokens of [0, 8, 20]) {
      const inputs = await inputsOf(documents, { maxTokens: 40, overlapTokens })
      const counts = await embedder.countTokens(inputs.map((input) => `tells: ${input}`))
      expect(Math.max(...counts)).toBeLessThanOrEqual(40)
      const titled = inputs.filter((input) => input.startsWith('Rivers\n'))
      expect(titled.length).toBeGreaterThan(5)
      // Nothing of the text is lost.
      for (const place of Array.from({ length: 30 }).keys()) {
        for (const lead of ['Rivers\n', 'Lakes and seas\n']) {
          expect(inputs.some((input) => input.startsWith(lead) && input.includes(`number ${place} `))).toBe(true)
        }
      }
    }
  })

  it('has at most a third of the room, and none where that would be a stump', async () => {
    const title = Array.from({ length: 100 }, (_, place) => `word ${place}`).join(' ')
    const documents = [{ id: 1, text: LONG, metadata: { title } }]
    const inputs = await inputsOf(documents, { maxTokens: 64 })
    const context = inputs[0]?.slice(0, inputs[0].indexOf('\n')) ?? ''
    expect(title.startsWith(context)).toBe(true)
    // Beside two special tokens and those of the prompt a third of 64 is about 20.
    const tokens = (await embedder.countTokens(context)) - 2
    expect(tokens).toBeGreaterThan(8)
    expect(tokens).toBeLessThanOrEqual(20)
    for (const input of inputs) expect(input.startsWith(`${context}\n`)).toBe(true)
    const huge = [{ id: 1, text: LONG, metadata: { title: title.repeat(1000) } }]
    expect(await inputsOf(huge, { maxTokens: 64 })).toEqual(inputs)
    const bare = await inputsOf(documents, { maxTokens: 16 })
    expect(bare.every((input) => LONG.includes(input))).toBe(true)
  })
})
