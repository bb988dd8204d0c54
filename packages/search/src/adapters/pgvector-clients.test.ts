import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { readGoldenUtil } from '@nestling/testing/algorithms'
import { isEmbedderError } from 'nestling'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPgvectorTable, putPgvector, searchPgvector, type PgDatabase } from './pgvector.js'

// A Postgres starts in WASM and makes its cluster: 12 to 20 s beside other jobs on two cores.
const START_TIMEOUT_MS = 120_000
const QUERY_TIMEOUT_MS = 20_000

const { corpus, queries, semanticSearch } = readGoldenUtil()
const ids = Array.from({ length: corpus.count }, (_, row) => `d${row}`)
const space = { id: 'a space' }

let lite: PGlite
let server: PGLiteSocketServer

beforeAll(async () => {
  lite = await PGlite.create({ extensions: { vector } })
  server = new PGLiteSocketServer({ db: lite, port: 0, maxConnections: 10 })
  await server.start()
}, START_TIMEOUT_MS)

afterAll(async () => {
  await server.stop()
  await lite.close()
}, START_TIMEOUT_MS)

/** Where the server listens. */
function address(): { readonly host: string; readonly port: number; readonly user: string } {
  const [host = '', port] = server.getServerConn().split(':')
  return { host, port: Number(port), user: 'postgres' }
}

async function withDatabase(kind: 'Client' | 'Pool', run: (db: PgDatabase) => Promise<void>): Promise<void> {
  const db = kind === 'Client' ? new pg.Client(address()) : new pg.Pool({ ...address(), max: 1 })
  if (db instanceof pg.Client) await db.connect()
  try {
    await run(db)
  } finally {
    await db.end()
  }
}

describe.each(['Client', 'Pool'] as const)('pgvector through the %s of pg', { timeout: QUERY_TIMEOUT_MS }, (kind) => {
  it('finds what Python finds', async () => {
    await withDatabase(kind, async (db) => {
      const table = `golden "${kind}"`
      await createPgvectorTable(db, table, corpus.dim)
      await putPgvector(db, table, ids, { ...corpus, space })
      for (const [row, expected] of semanticSearch['top5 dot'].entries()) {
        const data = queries.data.subarray(row * queries.dim, (row + 1) * queries.dim)
        const query = { data, count: 1, dim: queries.dim, space }
        const hits = await searchPgvector(db, table, query, { topK: 5, scoreFunction: 'dot' })
        for (const [place, { corpusId, score }] of expected.entries()) {
          // Rows 3 and 7 are equal, and Postgres may take either.
          const [id, wanted] = [hits[place]?.id, `d${corpusId}`].map((name) => (name === 'd7' ? 'd3' : name))
          expect(id, `${row} ${place}`).toBe(wanted)
          expect(Math.abs((hits[place]?.score ?? NaN) - score)).toBeLessThan(1.5e-6 * Math.max(1, Math.abs(score)))
        }
      }
      const other = putPgvector(db, table, ['x'], {
        data: new Float32Array(corpus.dim).fill(1),
        count: 1,
        dim: corpus.dim,
        space: { id: 'another' },
      })
      expect(isEmbedderError(await other.catch((error: unknown) => error), 'space-mismatch')).toBe(true)
    })
  })

  it('stores all of a call or nothing, and goes on after what failed', async () => {
    await withDatabase(kind, async (db) => {
      const table = `halves ${kind}`
      await createPgvectorTable(db, table, 2)
      // The second statement of 500 rows fails.
      const data = new Float32Array(1200).fill(1)
      data[1100] = NaN
      const names = Array.from({ length: 600 }, (_, row) => row)
      const rows = { data, count: 600, dim: 2, space }
      await expect(putPgvector(db, table, names, rows)).rejects.toThrow(/NaN/)
      expect((await lite.query(`select count(*)::int as count from "${table}"`)).rows).toEqual([{ count: 0 }])
      await putPgvector(db, table, ['a'], { data: Float32Array.of(3, 4), count: 1, dim: 2, space: { id: 'other' } })
      const hits = await searchPgvector(db, table, { data: Float32Array.of(1, 0), count: 1, dim: 2 })
      expect(hits).toEqual([{ id: 'a', score: 0.6 }])
    })
  })

  it('keeps calls apart that are made at the same time', async () => {
    await withDatabase(kind, async (db) => {
      const table = `together ${kind}`
      await createPgvectorTable(db, table, 2)
      const put = (id: string, x: number): Promise<void> =>
        putPgvector(db, table, [id], { data: Float32Array.of(x, 1), count: 1, dim: 2 })
      const calls = [put('a', 1), put('bad', NaN), put('b', 2)]
      const search = searchPgvector(db, table, { data: Float32Array.of(1, 1), count: 1, dim: 2 })
      const outcomes = await Promise.allSettled(calls)
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect((await search)[0]?.id).toBe('a')
      const { rows } = await lite.query(`select id from "${table}" order by id`)
      expect(rows).toEqual([{ id: 'a' }, { id: 'b' }])
    })
  })
})

it('rejects where the server ends a connection of a pool, and goes on with another', async () => {
  const pool = new pg.Pool({ ...address(), max: 1 })
  // Whoever has a pool listens for connections that are lost while nobody uses them.
  pool.on('error', () => undefined)
  await createPgvectorTable(pool, 'cut', 2)
  const cut: PgDatabase = {
    totalCount: 1,
    query: (sql, parameters) => pool.query(sql, parameters),
    connect: async () => {
      const client = await pool.connect()
      const { stream } = (client as unknown as { connection: { stream: { destroy(error: Error): void } } }).connection
      setImmediate(() => {
        stream.destroy(new Error('cut'))
      })
      return client
    },
  }
  const rows = { data: Float32Array.of(1, 2), count: 1, dim: 2 }
  await expect(putPgvector(cut, 'cut', ['a'], rows)).rejects.toThrow()
  await putPgvector(pool, 'cut', ['b'], rows)
  expect((await searchPgvector(pool, 'cut', rows)).map(({ id }) => id)).toEqual(['b'])
  await pool.end()
}, 20_000)
