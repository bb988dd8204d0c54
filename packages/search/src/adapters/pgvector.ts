import type { FloatRows } from '@nestling/kit/math/float-rows'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { EmbedderError } from 'nestling/kernels'
import type { Hit } from '../keywords/keyword-index.js'
import { checkRows } from '../mining/check-float-rows.js'
import { checkKeys, checkOneOf, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { readId } from '../wire/document-id.js'

/** What can ask a Postgres. */
export interface PgQueries {
  /** Runs one statement with parameters. */
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>
  /** Runs statements. */
  exec(sql: string): Promise<unknown>
}

/** A Postgres with pgvector; PGlite is such. */
export interface PgDatabase extends PgQueries {
  /** Runs all or nothing. */
  transaction<T>(run: (transaction: PgQueries) => Promise<T>): Promise<T | undefined>
}

/** FloatRows to store or to look for; nestling's `Embeddings` say their space. */
export interface PgRows extends FloatRows {
  /** Says which vectors may be compared. */
  readonly space?: { readonly id: string } | undefined
}

/** Options of {@link searchPgvector}. */
export interface PgSearchOptions {
  /**
   * Most rows to find.
   *
   * @defaultValue 10
   */
  readonly topK?: number | undefined
  /**
   * What to compare with; an index serves the one that it was made for.
   *
   * @defaultValue 'cosine'
   */
  readonly scoreFunction?: SimilarityFunction | undefined
}

const KNOWN_KEYS: KnownKeys<PgSearchOptions> = { topK: true, scoreFunction: true }

/** pgvector's distances, with what makes a score of each: 1 - cosine, - dot, euclidean, manhattan. */
const OPERATORS = {
  // The distance to a zero vector is not a number there; its cosine is 0 in Python.
  cosine: { operator: '<=>', score: "case when distance = 'NaN' then 0 else 1 - distance end" },
  dot: { operator: '<#>', score: '- distance' },
  euclidean: { operator: '<->', score: '- distance' },
  manhattan: { operator: '<+>', score: '- distance' },
} as const

/** FloatRows a statement: their text is about 8 MB at 768 components. */
const ROWS_OF_STATEMENT = 500

/** In front of a space's id, in the comment of the table. */
const SPACE_PREFIX = 'nestling space '

/**
 * Makes a table of embeddings, unless there is one: `id text` and `embedding vector(dim)`. Join it to the texts by `id`.
 *
 * @param db - The database, with the extension loaded: `PGlite.create({ extensions: { vector } })`.
 * @param table - Its name.
 * @param dim - Components of a vector.
 * @throws {RangeError} If `dim` is not a positive integer.
 * @see {@link https://github.com/pgvector/pgvector | pgvector}
 */
export async function createPgvectorTable(db: PgDatabase, table: string, dim: number): Promise<void> {
  const length = checkPositiveInteger('make a table', 'dim', dim) as number
  await db.exec(
    `create extension if not exists vector;
     create table if not exists ${quoteName(table)} (id text primary key, embedding vector(${length}) not null)`,
  )
}

/**
 * Stores embeddings, in one transaction; those of a known id are replaced. The table remembers the space of the first.
 *
 * @param db - The database.
 * @param table - Name of the table.
 * @param ids - An id for each row.
 * @param embeddings - What `encodeDocument` gave.
 * @throws {TypeError} If the embeddings are not float32, or an id is neither a string nor a number.
 * @throws {RangeError} If there are not as many ids as rows, or two are one text.
 * @throws {EmbedderError} With `space-mismatch` if the table holds vectors of another model.
 */
export async function putPgvector(
  db: PgDatabase,
  table: string,
  ids: readonly (string | number)[],
  embeddings: PgRows,
): Promise<void> {
  checkRows('store embeddings', 'embeddings', embeddings)
  const names = readIds(ids)
  if (names.length !== embeddings.count) {
    throw new RangeError(
      `Cannot store embeddings as there must be ${embeddings.count} ids: current number is ${names.length}`,
    )
  }
  await db.transaction(async (transaction) => {
    const given = spaceIdOf(embeddings)
    const known = await checkSpace(transaction, table, given)
    if (known === undefined && given !== undefined) {
      const comment = quoteText(`${SPACE_PREFIX}${given}`)
      await transaction.exec(`comment on table ${quoteName(table)} is ${comment}`)
    }
    for (let start = 0; start < names.length; start += ROWS_OF_STATEMENT) {
      const some = names.slice(start, start + ROWS_OF_STATEMENT)
      await transaction.query(
        `insert into ${quoteName(table)} select id, embedding::vector from unnest($1::text[], $2::text[]) as new (id, embedding)
         on conflict (id) do update set embedding = excluded.embedding`,
        [some, some.map((_, place) => toVector(embeddings, start + place))],
      )
    }
  })
}

/**
 * Finds the stored embeddings that are nearest to a query.
 *
 * @param db - The database.
 * @param table - Name of the table.
 * @param query - One row: what `encodeQuery` gave for a text.
 * @param options - How many, and what to compare with.
 * @returns Ids, as texts, with scores as `semanticSearch` has them, the best first.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If there is not one query or `topK` is not a positive integer.
 * @throws {EmbedderError} With `space-mismatch` if the table holds vectors of another model.
 */
export async function searchPgvector(
  db: PgDatabase,
  table: string,
  query: PgRows,
  options: PgSearchOptions = {},
): Promise<(Hit & { readonly id: string })[]> {
  const what = 'search a table'
  checkKeys(what, options, KNOWN_KEYS)
  checkRows(what, 'query', query)
  if (query.count !== 1) {
    throw new RangeError(`Cannot ${what} as query must be one row: current number is ${query.count}`)
  }
  const topK = checkPositiveInteger(what, 'topK', options.topK) ?? 10
  const names = Object.keys(OPERATORS) as SimilarityFunction[]
  const { operator, score } = OPERATORS[checkOneOf(what, 'scoreFunction', options.scoreFunction, names) ?? 'cosine']
  await checkSpace(db, table, spaceIdOf(query))
  // The order is that of the distance itself: pgvector's indices serve no other expression.
  const { rows } = await db.query(
    `select id, ${score} as score from
       (select id, embedding ${operator} $1::vector as distance from ${quoteName(table)}
        order by embedding ${operator} $1::vector limit $2) as nearest
     order by distance, id`,
    [toVector(query, 0), topK],
  )
  return rows as { id: string; score: number }[]
}

/** The column is of texts: 1 and '1' would be one row, and which of both is kept would be chance. */
function readIds(ids: readonly unknown[]): readonly string[] {
  if (!Array.isArray(ids)) {
    throw new TypeError(`Cannot store embeddings as ids must be a list: current value is ${show(ids)}`)
  }
  const places = new Map<string, number>()
  return Array.from(ids, (id: unknown, index) => {
    const name = String(readId('store embeddings', `ids[${index}]`, id))
    const twin = places.get(name)
    if (twin !== undefined) {
      throw new RangeError(
        `Cannot store embeddings as ids must be unique as texts: current value of ids[${twin}] and ids[${index}] is ${show(name)}`,
      )
    }
    places.set(name, index)
    return name
  })
}

/** @returns The space of the table, where it is known. */
async function checkSpace(db: PgQueries, table: string, given: string | undefined): Promise<string | undefined> {
  const sql = `select obj_description(to_regclass($1)::oid, 'pg_class') as comment`
  const { rows } = await db.query(sql, [quoteName(table)])
  const comment = (rows[0] as { comment: string | null } | undefined)?.comment ?? ''
  if (!comment.startsWith(SPACE_PREFIX)) return undefined
  const known = comment.slice(SPACE_PREFIX.length)
  if (given === undefined || given === known) return known
  throw new EmbedderError(
    'space-mismatch',
    `Cannot use table ${table} as its vectors must come from the same model: current spaces are ${known} and ${given}\nEncode both sides with one model`,
    { details: { stored: known, given } },
  )
}

/** An empty id says that nobody knows. */
function spaceIdOf({ space }: PgRows): string | undefined {
  return space === undefined || space.id === '' ? undefined : space.id
}

function toVector({ data, dim }: FloatRows, row: number): string {
  return `[${data.subarray(row * dim, (row + 1) * dim).join(',')}]`
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
