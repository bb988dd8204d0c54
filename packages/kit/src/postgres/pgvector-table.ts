import type { FloatRows } from '../math/float-rows.js'
import type { Queries } from './pg-database.js'

/** Rows a statement: their text is about 8 MB at 768 components. */
const ROWS_OF_STATEMENT = 500

/** In front of a space's id, in the comment of the table. */
const SPACE_PREFIX = 'nestling space '

/** What a row has beside its id and its vector. */
export interface Column {
  readonly name: string
  readonly type: 'text' | 'jsonb'
}

/**
 * Makes a table of embeddings, unless there is one: `id text` and `embedding vector(dim)`, and what else is wanted.
 *
 * @param db - A Postgres with pgvector.
 * @param table - Its name.
 * @param dim - Components of a vector.
 */
export async function makeTable(
  db: Queries,
  table: string,
  dim: number,
  columns: readonly Column[] = [],
): Promise<void> {
  const more = columns.map(({ name, type }) => `, ${quoteName(name)} ${type}`).join('')
  await db.exec(
    `create extension if not exists vector;
     create table if not exists ${quoteName(table)} (id text primary key, embedding vector(${dim}) not null${more})`,
  )
}

/**
 * Reads which space the vectors of a table are of.
 *
 * @param db - The database.
 * @param table - Name of the table.
 * @returns The space's id; `undefined` where the table does not say it.
 */
export async function readSpace(db: Queries, table: string): Promise<string | undefined> {
  const sql = `select obj_description(to_regclass($1)::oid, 'pg_class') as comment`
  const { rows } = await db.query(sql, [quoteName(table)])
  const comment = (rows[0] as { comment: string | null } | undefined)?.comment ?? ''
  return comment.startsWith(SPACE_PREFIX) ? comment.slice(SPACE_PREFIX.length) : undefined
}

/**
 * Has a table say which space its vectors are of.
 *
 * @param db - The database.
 * @param table - Name of the table.
 * @param space - The space's id.
 */
export async function writeSpace(db: Queries, table: string, space: string): Promise<void> {
  await db.exec(`comment on table ${quoteName(table)} is ${quoteText(`${SPACE_PREFIX}${space}`)}`)
}

/** Values of a column, one for each row, as texts. */
export interface ColumnValues extends Column {
  readonly values: readonly (string | null)[]
}

/** What is put into a table. */
export interface NewRows {
  /** An id for each row, no two alike. */
  readonly ids: readonly string[]
  /** The vectors. */
  readonly rows: FloatRows
  readonly columns?: readonly ColumnValues[]
}

/**
 * Puts rows into a table; those of a known id are replaced.
 *
 * @param db - The database.
 * @param table - Name of the table.
 */
export async function putRows(db: Queries, table: string, { ids, rows, columns = [] }: NewRows): Promise<void> {
  const names = columns.map(({ name }) => `, ${quoteName(name)}`).join('')
  const given = columns.map((_, place) => `, c${place}`).join('')
  const cast = columns.map(({ type }, place) => `, c${place}::${type}`).join('')
  const arrays = columns.map((_, place) => `, $${place + 3}::text[]`).join('')
  const replaced = columns.map(({ name }) => `, ${quoteName(name)} = excluded.${quoteName(name)}`).join('')
  const sql = `insert into ${quoteName(table)} (id, embedding${names})
       select id, embedding::vector${cast} from unnest($1::text[], $2::text[]${arrays}) as new (id, embedding${given})
       on conflict (id) do update set embedding = excluded.embedding${replaced}`
  for (let start = 0; start < ids.length; start += ROWS_OF_STATEMENT) {
    const end = start + ROWS_OF_STATEMENT
    const some = ids.slice(start, end)
    const vectors = some.map((_, place) => toVector(rows, start + place))
    await db.query(sql, [some, vectors, ...columns.map(({ values }) => values.slice(start, end))])
  }
}

/**
 * Says what is wrong where a table holds vectors of another model.
 *
 * @param table - Name of the table.
 * @param known - The space's id that the table says.
 * @param given - The space's id of what was given.
 */
export function spaceMismatch(table: string, known: string, given: string): string {
  return `Cannot use table ${table} as its vectors must come from the same model: current spaces are ${known} and ${given}\nEncode both sides with one model`
}

/** Writes a row as pgvector reads it. */
export function toVector({ data, dim }: FloatRows, row: number): string {
  return `[${data.subarray(row * dim, (row + 1) * dim).join(',')}]`
}

/** Writes a name so that SQL takes it as it is. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
