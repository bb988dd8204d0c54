import { searchPgvector } from '@nestling/search/pgvector'
import pg from 'pg'
import type { SearchWay, TableReader } from './table-reader.js'

/** Rows that an index looks at; 40 is pgvector's own. */
const EF_SEARCH = [40, 100, 200]

/**
 * Opens a table of Postgres.
 *
 * @param target - As `--to` has it.
 */
export async function readPostgres(target: string): Promise<TableReader> {
  const url = new URL(target)
  const table = url.searchParams.get('table') ?? 'embeddings'
  url.searchParams.delete('table')
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  const ask = async (sql: string): Promise<string> => {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return String(Object.values(rows[0] ?? {})[0])
  }
  const version = (await ask('select version()')).split(' (')[0] ?? ''
  const extension = await ask("select extversion from pg_extension where extname = 'vector'")
  const find: SearchWay['find'] = async (query, topK) => {
    const rows = { data: query, count: 1, dim: query.length }
    return (await searchPgvector(client, table, rows, { topK })).map(({ id }) => id)
  }
  const exact: SearchWay = { name: 'no index', prepare: () => Promise.resolve(), find }
  const makeIndex = async (): Promise<void> => {
    await client.query(
      `create index if not exists "${table}_hnsw" on "${table}" using hnsw (embedding vector_cosine_ops)`,
    )
  }
  const hnsw = EF_SEARCH.map((width): SearchWay => {
    return {
      name: `HNSW, hnsw.ef_search ${width}`,
      prepare: async () => {
        await makeIndex()
        await client.query(`set hnsw.ef_search = ${width}`)
      },
      find,
    }
  })
  return {
    versions: `${version}, pgvector ${extension}`,
    ways: [exact, ...hnsw],
    count: async () => Number(await ask(`select count(*) from "${table}"`)),
    close: () => client.end(),
  }
}
