import { mulberry32 } from '@nestling/testing/mixtures'
import { searchKernels } from '@nestling/testing/search-kernels'
import { beforeAll, describe, expect, it } from 'vitest'
import { fuseByScores } from '../fuse/by-scores.js'
import { createKeywordIndex } from '../keywords/create-keyword-index.js'
import type { Metadata, OpenRequest, SearchRequest } from '../wire/protocol.js'
import { OPEN_REQUEST, SEARCH_REQUEST } from '../../test/host-documents.js'
import { SearchHost } from './search-host.js'

let kernels: WebAssembly.Module
beforeAll(async () => {
  kernels = await searchKernels()
}, 20_000)

interface Doc {
  readonly text: string
  /** Angle to the query, in radians: its cosine is the similarity. */
  readonly angle: number
  /** Those of further passages. */
  readonly others?: readonly number[]
  readonly metadata?: Metadata
}

const SEARCH: SearchRequest = {
  ...SEARCH_REQUEST,
  mode: 'hybrid',
  text: 'alpha',
  vector: Float32Array.of(1, 0),
  topK: 5,
}

function anglesOf({ angle, others = [] }: Doc): readonly number[] {
  return [angle, ...others]
}

async function hostOf(documents: readonly Doc[], options: Partial<OpenRequest> = {}): Promise<SearchHost> {
  const host = new SearchHost(kernels)
  await host.open({ ...OPEN_REQUEST, ...options })
  await host.stage(1, {
    ids: documents.map((_, id) => id),
    texts: documents.map(({ text }) => text),
    metadata: documents.map(({ metadata }) => metadata ?? null),
    rowCounts: Int32Array.from(documents, (document) => anglesOf(document).length),
    spans: Int32Array.from(
      documents.flatMap((document) => anglesOf(document).flatMap(() => [0, document.text.length])),
    ),
    vectors: Float32Array.from(documents.flatMap(anglesOf).flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
    dim: 2,
    space: undefined,
  })
  await host.commit(1, false)
  return host
}

async function idsOf(host: SearchHost, options: Partial<SearchRequest> = {}): Promise<unknown[]> {
  return (await host.search({ ...SEARCH, ...options })).found.map(({ id }) => id)
}

describe('a hybrid search', () => {
  it('finds the best of all where both lists begin with others', async () => {
    // 120 that are near and have no word, 120 that have nothing but the word and are far, and one that is second to both.
    const documents = Array.from({ length: 240 }, (_, id): Doc =>
      id < 120 ? { text: 'beta', angle: 0.1 + id / 1000 } : { text: 'alpha', angle: 3 },
    )
    documents.push({ text: 'alpha gamma', angle: 0.4 })
    const host = await hostOf(documents)
    expect((await idsOf(host, { topK: 1 }))[0]).toBe(240)
  })

  // 1025 / (1025 / 1000) is more than 1000 in float64: there is no document at the place of the last one of such a sample.
  it.each([999, 1025, 1400])('looks at a sample of %i documents for the farthest', async (count) => {
    const host = await hostOf(Array.from({ length: count }, (_, id) => ({ text: 'alpha', angle: id === 7 ? 0 : 1 })))
    expect((await idsOf(host, { topK: 1 }))[0]).toBe(7)
  })

  it('counts all passages of a document beside its best one', async () => {
    // One mentions what is asked for, the other is about it; the last is the farthest.
    const host = await hostOf([
      { text: 'beta', angle: Math.acos(0.9), others: [Math.acos(0.1)] },
      { text: 'beta', angle: Math.acos(0.8), others: [Math.acos(0.8), Math.acos(0.8)] },
      { text: 'beta', angle: Math.acos(0) },
    ])
    expect((await host.search({ ...SEARCH, mode: 'vectors' })).found.map(({ id }) => id)).toEqual([0, 1, 2])
    const { found } = await host.search(SEARCH)
    // .7 * .9 + .3 * (.9 + .1) / 2 = .78, of the .8 of the nearest.
    expect(found.map(({ id, parts }) => [id, parts?.vectors])).toEqual([
      [1, 1],
      [0, expect.closeTo(0.975, 5)],
      [2, 0],
    ])
  })

  it('gives what scoring all documents gives', async () => {
    const random = mulberry32(7)
    const wordOf = (): string => ['alpha', 'beta', 'gamma', 'delta', 'rho'][Math.floor(random() ** 2 * 5)] as string
    const documents = Array.from({ length: 700 }, (): Doc => {
      const length = 1 + Math.floor(random() * 8)
      const others = Array.from({ length: Math.floor(random() * 4) }, () => random() * Math.PI)
      return { text: Array.from({ length }, wordOf).join(' '), angle: random() * Math.PI, others }
    })
    const host = await hostOf(documents)
    const words = await createKeywordIndex()
    words.add(documents.map(({ text }, id) => ({ id, text })))
    const { bound, best } = words.score('rho delta omega')
    const vectors = documents.map((document, id) => {
      const scores = anglesOf(document).map(Math.cos)
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
      return { id, score: 0.7 * Math.max(...scores) + 0.3 * mean }
    })
    for (const weight of [0, 0.2, 0.5, 1]) {
      const expected = fuseByScores({ vectors, words: best(700), bound }, { weight, topK: 12 })
      const fusion = { kind: 'scores', weight } as const
      const { found } = await host.search({ ...SEARCH, text: 'rho delta omega', topK: 12, fusion })
      for (const [place, { score, parts }] of expected.entries()) {
        // Vectors are float32.
        expect(found[place]?.score).toBeCloseTo(score, 5)
        expect(found[place]?.parts?.words).toBeCloseTo(parts.words, 5)
      }
    }
  })

  it('stretches over what a filter lets through, and counts words over all', async () => {
    const documents: Doc[] = [
      { text: 'alpha', angle: 0, metadata: { in: false } },
      { text: 'alpha', angle: 1, metadata: { in: true } },
      { text: 'beta', angle: 2, metadata: { in: true } },
      { text: 'gamma', angle: 3, metadata: { in: false } },
    ]
    const host = await hostOf(documents)
    const { found } = await host.search({ ...SEARCH, filter: { in: true } })
    expect(found.map(({ id, parts }) => [id, parts?.vectors])).toEqual([
      [1, 1],
      [2, expect.closeTo(0, 5)],
    ])
    // By hand: every text is of average length, so BM25 of one alpha is idf and its bound idf * 2.2.
    expect(found[0]?.parts?.words).toBeCloseTo(1 / 2.2, 6)
  })

  it('leaves out by minScore what is less near, but for its words', async () => {
    const documents: Doc[] = [
      { text: 'beta', angle: 0.1 },
      { text: 'alpha', angle: 1.5 },
      { text: 'gamma', angle: 1.4 },
    ]
    const host = await hostOf(documents)
    const { found } = await host.search({ ...SEARCH, minScore: 0.5 })
    expect(found.map(({ id }) => id)).toEqual([0, 1])
    expect(found[1]?.parts?.vectors).toBe(0)
  })

  it('answers by words without a vector, and by vectors without a word', async () => {
    const documents: Doc[] = [
      { text: 'beta', angle: 0.1 },
      { text: 'alpha', angle: 1.5 },
    ]
    const host = await hostOf(documents)
    expect(await idsOf(host, { vector: undefined })).toEqual([1])
    expect(await idsOf(host, { text: '…' })).toEqual([0, 1])
  })

  it('fuses by ranks where it is asked to', async () => {
    const host = await hostOf([
      { text: 'beta', angle: 0.1 },
      { text: 'alpha', angle: 1.5 },
    ])
    const { found } = await host.search({ ...SEARCH, fusion: { kind: 'ranks', k: 9 } })
    expect(found.map(({ id, score, parts }) => ({ id, score, parts }))).toEqual([
      { id: 1, score: 1 / 11 + 1 / 10, parts: { vectors: 1 / 11, words: 1 / 10 } },
      { id: 0, score: 1 / 10, parts: { vectors: 1 / 10, words: 0 } },
    ])
  })

  it.each([
    [{ kind: 'sums' }, TypeError, /fusion.kind must be one of scores, ranks: current value is "sums"/],
    [{ kind: 'scores', weight: 2 }, RangeError, /weight must be a number from 0 to 1: current value is 2/],
    [{ kind: 'scores', k: 60 }, TypeError, /k is not an option/],
    [{ kind: 'ranks', k: -1 }, RangeError, /k must be a number from 0/],
    [{ kind: 'ranks', weight: 1 }, TypeError, /weight is not an option/],
    ['scores', TypeError, /fusion.kind must be one of scores, ranks: current value is null/],
    [null, TypeError, /fusion.kind must be one of scores, ranks: current value is null/],
  ])('refuses the fusion %o', async (fusion, type, message) => {
    const host = await hostOf([{ text: 'alpha', angle: 0 }])
    const search = host.search({ ...SEARCH, fusion: fusion as never })
    await expect(search).rejects.toThrow(type)
    await expect(search).rejects.toThrow(message)
  })
})

describe('fields', () => {
  const documents: Doc[] = [
    { text: 'alpha beta gamma delta', angle: 0 },
    { text: 'rho', angle: 0, metadata: { title: 'alpha', tags: ['one', 'ein straßenname'], year: 1999 } },
  ]

  it('are searched by words, and count by their boost', async () => {
    const host = await hostOf(documents, { fields: { title: { boost: 3 }, tags: {} } })
    expect(await idsOf(host, { mode: 'keywords', vector: undefined })).toEqual([1, 0])
    expect(await idsOf(host, { mode: 'keywords', vector: undefined, text: 'strassenname' })).toEqual([1])
    const plain = await hostOf(documents)
    expect(await idsOf(plain, { mode: 'keywords', vector: undefined })).toEqual([0])
  })

  it('say what matched, in their own units', async () => {
    const host = await hostOf(documents, { fields: { title: { boost: 3 }, tags: {} } })
    const { found } = await host.search({ ...SEARCH, mode: 'keywords', text: 'straßenname alpha', explain: true })
    // 'one', a line feed, 'ein ' are 8 units before it.
    expect(found[0]?.words).toEqual([
      { field: 'title', start: 0, end: 5 },
      { field: 'tags', start: 8, end: 19 },
    ])
    expect(found[1]?.words).toEqual([{ field: 'text', start: 0, end: 5 }])
  })

  it.each([
    [{ title: { boost: 0 } }, RangeError, /fields.title.boost must be a number from 0.001 to 1000: current value is 0/],
    [{ title: 2 }, TypeError, /fields.title/],
    [['title'], TypeError, /fields must be an object/],
  ])('refuses %o when the index is opened', async (fields, type, message) => {
    const opening = new SearchHost(kernels).open({ ...OPEN_REQUEST, fields: fields as never })
    await expect(opening).rejects.toThrow(type)
    await expect(opening).rejects.toThrow(message)
  })
})
