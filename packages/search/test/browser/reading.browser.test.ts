import { createIndex, type CreateIndexOptions, type IndexDocument, type SearchIndex } from '@nestling/search'
import { codeOf } from '@nestling/testing/outcome'
import { afterEach, describe, expect, it } from 'vitest'

interface Book {
  readonly year: number
  readonly tags?: readonly string[]
}

let indexes: SearchIndex<Book>[] = []
afterEach(async () => {
  await Promise.all(indexes.map((index) => index.dispose()))
  indexes = []
})

async function make(options: CreateIndexOptions = {}): Promise<SearchIndex<Book>> {
  const index = await createIndex<Book>(options)
  indexes.push(index)
  return index
}

function book(id: number | string, year = 1800 + Number(id)): IndexDocument<Book> {
  return { id, text: `book ${id}`, metadata: { year }, embedding: Float32Array.of(Math.cos(year), Math.sin(year)) }
}

const BOOKS = [1, 2, 3, '1'].map((id) => book(id))

describe('reading an index', () => {
  it('gives a document, whether some are there, and all ids', async () => {
    const index = await make()
    expect([await index.get(1), await index.has(1), await index.ids()]).toEqual([undefined, false, []])
    await index.add(BOOKS)
    await index.add([{ id: 'bare', embedding: Float32Array.of(1, 0) }])
    expect(await index.get(2)).toStrictEqual({ id: 2, text: 'book 2', metadata: { year: 1802 } })
    expect(await index.get('bare')).toStrictEqual({ id: 'bare', text: undefined, metadata: undefined })
    expect(await index.get('2')).toBeUndefined()
    expect([await index.has('1'), await index.has('2'), await index.has([])]).toEqual([true, false, []])
    expect(await index.has([9, 3, '1', 3, 'x'])).toEqual([false, true, true, true, false])
    expect(new Set(await index.ids())).toEqual(new Set([1, 2, 3, '1', 'bare']))
    expect(await codeOf(index.get({} as never))).toBe('TypeError')
    expect(await codeOf(index.has([NaN]))).toBe('TypeError')
  })

  it('gives ids of one moment while the index changes', async () => {
    const index = await make()
    const embeddings = new Float32Array(2 * 25_000).fill(1)
    await index.add(
      Array.from({ length: 25_000 }, (_, id) => ({ id })),
      { embeddings },
    )
    const changing = index.remove(Array.from({ length: 20_000 }, (_, id) => id))
    // All of them or those that stay: never some of both.
    expect([25_000, 5000]).toContain((await index.ids()).length)
    await changing
    expect(await index.ids()).toHaveLength(5000)
  })
})

describe('a loop over documents', () => {
  it('gives each that was there and stays once, as it is when its turn comes', async () => {
    const index = await make()
    // As many as three messages have.
    const documents = Array.from({ length: 1200 }, (_, id) => book(id))
    await index.add(documents)
    const seen = new Map<unknown, string | undefined>()
    for await (const { id, text } of index) {
      expect(seen.has(id)).toBe(false)
      seen.set(id, text)
      if (seen.size !== 100) continue
      await index.remove([1100, 1101])
      await index.update([{ ...book(1102), text: 'changed' }])
      await index.add([book(5000)])
    }
    expect(seen.size).toBe(1198)
    expect([seen.get(1102), seen.get(99), seen.has(1100), seen.has(5000)]).toEqual(['changed', 'book 99', false, false])
  })

  it('ends where it is left, and rejects where the index is disposed of', async () => {
    const index = await make()
    await index.add(BOOKS)
    for await (const { id } of index) {
      expect(id).toBe(1)
      break
    }
    await index.dispose()
    const reading = (async () => {
      for await (const { id } of index) expect(id).toBeUndefined()
    })()
    expect(await codeOf(reading)).toBe('disposed')
  })

  it('fills another index', async () => {
    const [index, copy] = [await make(), await make()]
    await index.add(BOOKS)
    for await (const document of index) {
      await copy.add([{ ...document, embedding: Float32Array.of(1, 0) }])
    }
    expect(await copy.get(3)).toEqual(await index.get(3))
  })
})

describe('changing what was chosen', () => {
  it('removes by conditions and by a function, and not by nothing', async () => {
    const index = await make({ store: `reading ${crypto.randomUUID()}` })
    await index.add(BOOKS)
    expect(await index.remove({ filter: { year: { gte: 1803 } } })).toBe(1)
    expect(await index.remove({ filter: (_, id) => id === '1' })).toBe(1)
    const wrong = [
      {},
      { filter: {} },
      { filter: undefined },
      { filter: () => 1 },
      { ids: [1] },
      'x',
      null,
      new Set([1]),
    ]
    for (const which of wrong) expect(await codeOf(index.remove(which as never))).toBe('TypeError')
    await expect(index.remove(new Set([1]) as never)).rejects.toThrow(
      'a list of ids or { filter }: current value is a Set',
    )
    expect((await index.ids()).length).toBe(2)
    const reason = new Error('enough')
    const aborted = index.remove({ filter: { year: { gt: 0 } } }, { signal: AbortSignal.abort(reason) })
    await expect(aborted).rejects.toBe(reason)
    expect((await index.ids()).length).toBe(2)
  })

  it('counts values', async () => {
    const index = await make()
    await index.add(BOOKS)
    await index.update([{ ...book(3), metadata: { year: 1801, tags: ['novel'] } }])
    const { year, tags } = await index.facets(['year', 'tags'], { filter: { year: { lt: 1802 } } })
    expect([year, tags]).toEqual([new Map([[1801, 3]]), new Map([['novel', 1]])])
    expect((await index.facets(['year'], { filter: (_, id) => id === 2 })).year).toEqual(new Map([[1802, 1]]))
    expect(await codeOf(index.facets('year' as never))).toBe('TypeError')
    expect(await codeOf(index.facets([1] as never))).toBe('TypeError')
    expect(await codeOf(index.facets(['year'], { topK: 1 } as never))).toBe('TypeError')
    expect(await codeOf(index.facets(['year'], { filter: { year: [] } as never }))).toBe('TypeError')
  })

  it('merges a file', async () => {
    const [index, other] = [await make(), await make()]
    await index.add(BOOKS)
    await other.add([book(2, 1900), book(7)])
    await index.import(await other.export(), { merge: true })
    expect([...(await index.ids())].map(String).sort()).toEqual(['1', '1', '2', '3', '7'])
    expect((await index.get(2))?.metadata).toEqual({ year: 1900 })
    expect(await codeOf(index.import(new Blob(), { merge: 1 } as never))).toBe('TypeError')
    await index.import(await other.export())
    expect(await index.ids()).toHaveLength(2)
  })
})
