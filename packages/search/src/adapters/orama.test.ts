import { readGoldenUtil } from '@nestling/testing/algorithms'
import { create, insertMultiple, search } from '@orama/orama'
import { describe, expect, it } from 'vitest'
import { oramaVectorQuery, toOramaDocuments } from './orama.js'

const { corpus, queries, semanticSearch } = readGoldenUtil()

function queryOf(row: number): { data: Float32Array; count: number; dim: number } {
  return { data: queries.data.subarray(row * queries.dim, (row + 1) * queries.dim), count: 1, dim: queries.dim }
}

describe('Orama', () => {
  async function oramaOfCorpus(): Promise<ReturnType<typeof createIndex>> {
    const db = createIndex()
    const documents = Array.from({ length: corpus.count }, (_, row) => ({ id: `d${row}`, text: `word${row} text` }))
    await insertMultiple(db, toOramaDocuments(documents, corpus))
    return db
  }

  function createIndex() {
    return create({ schema: { text: 'string', embedding: 'vector[16]' } as const })
  }

  it('finds what Python finds', async () => {
    const db = await oramaOfCorpus()
    for (const [row, expected] of semanticSearch['top5 cosine'].entries()) {
      const { hits } = await search(db, oramaVectorQuery(queryOf(row), { topK: 5 }))
      for (const [place, { corpusId, score }] of expected.entries()) {
        // Rows 3 and 7 are equal, and Orama may take either.
        const [id, wanted] = [hits[place]?.id, `d${corpusId}`].map((name) => (name === 'd7' ? 'd3' : name))
        expect(id, `${row} ${place}`).toBe(wanted)
        expect(Math.abs((hits[place]?.score ?? NaN) - score)).toBeLessThan(1.5e-6)
      }
    }
  })

  it('finds all documents, and only near ones where asked to', async () => {
    const db = await oramaOfCorpus()
    // Row 20 is zero: it has no cosine in Orama, and is never found.
    expect((await search(db, oramaVectorQuery(queryOf(0), { topK: 1000 }))).hits).toHaveLength(corpus.count - 1)
    // Of the golden five of query 0 two are above .7.
    expect((await search(db, oramaVectorQuery(queryOf(0), { minScore: 0.7 }))).hits).toHaveLength(2)
  })

  it('searches words and vectors together', async () => {
    const db = await oramaOfCorpus()
    const query = oramaVectorQuery(queryOf(0), { topK: 3 })
    // The golden three of the vectors alone are 34, 53 and 15.
    const { hits } = await search(db, { ...query, mode: 'hybrid', term: 'word7' })
    expect(hits.map(({ id }) => id)).toEqual(['d34', 'd53', 'd7'])
  })

  it('refuses what cannot be', () => {
    expect(() => toOramaDocuments([{ id: 'a' }], corpus)).toThrow(/must be 1 rows: current number is 60/)
    expect(() => oramaVectorQuery(corpus)).toThrow(/must be one row: current number is 60/)
    expect(() => oramaVectorQuery(queryOf(0), { topK: 0 })).toThrow(RangeError)
    expect(() => oramaVectorQuery(queryOf(0), { limit: 3 } as never)).toThrow(/limit is not an option/)
    expect(() => oramaVectorQuery(queryOf(0), { minScore: NaN })).toThrow(/minScore must be a number/)
  })
})
