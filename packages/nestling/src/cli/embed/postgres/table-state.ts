import type { Queries } from '@nestling/kit/postgres/pg-database'
import { quoteName } from '@nestling/kit/postgres/pgvector-table'
import type { Checkpoint } from '../embedding-sink.js'

/** What a table is before a run. */
export interface TableState {
  /** Number of its own that a table of the same name has not, if that is made anew. */
  readonly oid: number
  /** Names of its columns. */
  readonly columns: ReadonlySet<string>
  /** Type of its vectors, as `vector(384)`. */
  readonly vectorType: string | undefined
  readonly hasRows: boolean
}

/** What an earlier run left. */
export interface Progress extends Checkpoint {
  readonly digest: string
  readonly isFinished: boolean
}

/** Reads what a table is; `undefined` where there is none. */
export async function readTable(db: Queries, table: string): Promise<TableState | undefined> {
  const name = quoteName(table)
  const { rows } = await db.query(
    `select attrelid::int8::float8 as oid, attname as name, format_type(atttypid, atttypmod) as type
     from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [name],
  )
  const columns = rows as readonly { oid: number; name: string; type: string }[]
  const [first] = columns
  if (first === undefined) return undefined
  const found = await db.query(`select 1 from ${name} limit 1`)
  return {
    oid: first.oid,
    columns: new Set(columns.map((column) => column.name)),
    vectorType: columns.find((column) => column.name === 'embedding')?.type,
    hasRows: found.rows.length > 0,
  }
}

/** One row for each table that a command wrote. */
const PROGRESS = 'nestling_progress'

/** Makes the table of progress, unless there is one: who may write there need not be allowed to make tables. */
export async function makeProgressTable(db: Queries): Promise<void> {
  const { rows } = await db.query('select to_regclass($1) is not null as exists', [PROGRESS])
  if ((rows[0] as { exists: boolean }).exists) return
  await db.exec(
    `create table if not exists ${PROGRESS} (table_name text primary key, table_oid float8 not null, digest text not null,
     rows int8 not null, input_digest text, is_finished boolean not null)`,
  )
}

/**
 * Reads what an earlier run left. Until the transaction ends no other changes it; what a process that was killed was about to commit is waited for.
 *
 * @param oid - The table's: what is known of one that was dropped says nothing.
 */
export async function readProgress(db: Queries, table: string, oid: number): Promise<Progress | undefined> {
  const { rows } = await db.query(
    `select table_oid as oid, digest, rows::float8 as rows, input_digest as "inputDigest", is_finished as "isFinished"
     from ${PROGRESS} where table_name = $1 for update`,
    [table],
  )
  const found = rows[0] as (Omit<Progress, 'inputDigest'> & { oid: number; inputDigest: string | null }) | undefined
  if (found?.oid !== oid) return undefined
  const { digest, rows: kept, inputDigest, isFinished } = found
  return { digest, rows: kept, inputDigest: inputDigest ?? undefined, isFinished }
}

/** Writes that a run begins. */
export async function beginProgress(db: Queries, table: string, oid: number, digest: string): Promise<void> {
  await db.query(
    `insert into ${PROGRESS} values ($1, $2, $3, 0, null, false)
     on conflict (table_name) do update set table_oid = $2, digest = $3, rows = 0, input_digest = null, is_finished = false`,
    [table, oid, digest],
  )
}

/**
 * Writes how far a run came.
 *
 * @param before - Rows that it had kept.
 * @returns Whether these are still all: no other process went on meanwhile.
 */
export async function advanceProgress(
  db: Queries,
  table: string,
  before: number,
  { rows, inputDigest }: Checkpoint,
): Promise<boolean> {
  const answer = await db.query(
    `update ${PROGRESS} set rows = $3, input_digest = $4 where table_name = $1 and rows = $2 and not is_finished returning 1`,
    [table, before, rows, inputDigest ?? null],
  )
  return answer.rows.length === 1
}

/** Writes that a run has all its rows. */
export async function finishProgress(db: Queries, table: string): Promise<void> {
  await db.query(`update ${PROGRESS} set is_finished = true where table_name = $1`, [table])
}
