import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { readGoldenUtil } from '@nestling/testing/algorithms'
import { isEmbedderError } from 'nestling'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPgvectorTable, putPgvector, searchPgvector, type PgRows } from './pgvector.js'

// A Postgres starts in WASM and makes its cluster: 12 to 20 s beside other jobs on two cores.
const START_TIMEOUT_MS = 120_000
const QUERY_TIMEOUT_MS = 20_000

const { corpus, queries, semanticSearch } = readGoldenUtil()
const ids = Array.from({ length: corpus.count }, (_, row) => `d${row}`)
const space = { id: "a space of 'quotes'" }

function queryOf(row: number): PgRows {
  return { data: queries.data.subarray(row * queries.dim, (row + 1) * queries.dim), count: 1, dim: queries.dim, space }
}

describe('pgvector in PGlite', { timeout: QUERY_TIMEOUT_MS }, () => {
  let db: PGlite

  beforeAll(async () => {
    db = await PGlite.create({ extensions: { vector } })
    await createPgvectorTable(db, 'pass"ages', corpus.dim)
    await putPgvector(db, 'pass"ages', ids, { ...corpus, space })
  }, START_TIMEOUT_MS)

  afterAll(async () => {
    await db.close()
  }, START_TIMEOUT_MS)

  it.each(['cosine', 'dot'] as const)('finds what Python finds by %s', async (scoreFunction) => {
    for (const [row, expected] of semanticSearch[`top5 ${scoreFunction}`].entries()) {
      const hits = await searchPgvector(db, 'pass"ages', queryOf(row), { topK: 5, scoreFunction })
      for (const [place, { corpusId, score }] of expected.entries()) {
        const found = hits[place]
        // Rows 3 and 7 are equal, and Postgres may take either.
        const [id, wanted] = [found?.id, `d${corpusId}`].map((name) => (name === 'd7' ? 'd3' : name))
        expect(id, `${row} ${place}`).toBe(wanted)
        expect(Math.abs((found?.score ?? NaN) - score)).toBeLessThan(1.5e-6 * Math.max(1, Math.abs(score)))
      }
    }
  })

  it.each([
    ['euclidean', -5],
    ['manhattan', -7],
  ] as const)('gives %s as a negative distance', async (scoreFunction, score) => {
    const table = `t_${scoreFunction}`
    await createPgvectorTable(db, table, 2)
    await putPgvector(db, table, [1, 2], { data: Float32Array.of(3, 4, 30, 40), count: 2, dim: 2 })
    const origin = { data: Float32Array.of(0, 0), count: 1, dim: 2 }
    expect(await searchPgvector(db, table, origin, { scoreFunction, topK: 1 })).toEqual([{ id: '1', score }])
  })

  it.each([
    ['1 and "1", which are one text', [1, '1'], RangeError, /ids\[0\] and ids\[1\] is "1"/],
    [
      'an id that is not there',
      ['a', undefined],
      TypeError,
      /ids\[1\] must be a string or a finite number: .* undefined/,
    ],
    ['NaN', [NaN, 'a'], TypeError, /ids\[0\] .*: current value is NaN/],
    ['an object', ['a', {}], TypeError, /ids\[1\] .*: current value is an object/],
    ['no list', 'ab', TypeError, /ids must be a list: current value is "ab"/],
  ])('refuses %s as ids, and stores nothing', async (_, given, kind, message) => {
    await createPgvectorTable(db, 'refused', 2)
    const rows = { data: Float32Array.of(1, 0, 0, 1), count: 2, dim: 2 }
    const put = putPgvector(db, 'refused', given as string[], rows)
    await expect(put).rejects.toThrow(kind)
    await expect(put).rejects.toThrow(message)
    expect((await db.query('select * from refused')).rows).toEqual([])
  })

  it('replaces what has a known id, and changes nothing where one row fails', async () => {
    await createPgvectorTable(db, 'small', 2)
    await createPgvectorTable(db, 'small', 2)
    await putPgvector(db, 'small', ['a'], { data: Float32Array.of(1, 0), count: 1, dim: 2 })
    await putPgvector(db, 'small', ['a', 'b'], { data: Float32Array.of(0, 1, 1, 0), count: 2, dim: 2 })
    const query = { data: Float32Array.of(1, 0), count: 1, dim: 2 }
    const expected = [
      { id: 'b', score: 1 },
      { id: 'a', score: 0 },
    ]
    expect(await searchPgvector(db, 'small', query)).toEqual(expected)
    const broken = { data: Float32Array.of(1, 0, NaN, 1), count: 2, dim: 2 }
    await expect(putPgvector(db, 'small', ['a', 'c'], broken)).rejects.toThrow(/NaN/)
    expect(await searchPgvector(db, 'small', query)).toEqual(expected)
  })

  it('refuses vectors of another space', async () => {
    const other = { ...queryOf(0), space: { id: 'another' } }
    for (const call of [searchPgvector(db, 'pass"ages', other), putPgvector(db, 'pass"ages', ['x'], other)]) {
      const error: unknown = await call.catch((error: unknown) => error)
      expect(isEmbedderError(error, 'space-mismatch')).toBe(true)
    }
  })

  it('gives every row where topK is larger, the zero vector with the cosine that Python gives it', async () => {
    const hits = await searchPgvector(db, 'pass"ages', queryOf(0), { topK: 1000 })
    expect(hits).toHaveLength(corpus.count)
    expect(hits.find(({ id }) => id === 'd20')?.score).toBe(0)
  })

  it('refuses what cannot be', async () => {
    await expect(createPgvectorTable(db, 't', 0)).rejects.toThrow(RangeError)
    await expect(putPgvector(db, 'small', [], queryOf(0))).rejects.toThrow(/must be 1 ids: current number is 0/)
    await expect(searchPgvector(db, 'small', corpus)).rejects.toThrow(/must be one row: current number is 60/)
    await expect(searchPgvector(db, 'small', queryOf(0), { limit: 5 } as never)).rejects.toThrow(
      /limit is not an option/,
    )
  })
})
