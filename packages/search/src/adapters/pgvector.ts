import type { FloatRows } from '@nestling/kit/math/float-rows'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { EmbedderError } from 'nestling'
import type { Hit } from '../keywords/keyword-index.js'
import { checkRows } from '../mining/check-float-rows.js'
import { checkKeys, checkOneOf, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { withQueries, withTransaction } from '@nestling/kit/postgres/pg-database'
import {
  makeTable,
  putRows,
  quoteName,
  readSpace,
  spaceMismatch,
  toVector,
  writeSpace,
} from '@nestling/kit/postgres/pgvector-table'
import { readId } from '../wire/document-id.js'

/** What can ask a Postgres. */
export interface PgQueries {
  /** Runs one statement with parameters. */
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>
  /** Runs statements. */
  exec(sql: string): Promise<unknown>
}

/** A Postgres in the page; PGlite is such. */
export interface PgLite extends PgQueries {
  /** Runs all or nothing. */
  transaction<T>(run: (transaction: PgQueries) => Promise<T>): Promise<T | undefined>
}

/** One connection to a server; the `Client` of `pg` is such, once it is connected. */
export interface PgClient {
  /** Runs one statement with parameters, or several without. */
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>
}

/** One connection of several. */
export interface PgPoolClient extends PgClient {
  /** Gives it back; with an error it is closed. */
  release(error?: Error): void
  /** Hears that the connection is lost. */
  on?(event: 'error', listener: () => void): unknown
  /** Hears it no more. */
  off?(event: 'error', listener: () => void): unknown
}

/** Connections to a server; the `Pool` of `pg` is such. */
export interface PgPool extends PgClient {
  /** How many there are. */
  readonly totalCount: number
  /** Lends one of them. */
  connect(): Promise<PgPoolClient>
}

/**
 * A Postgres with pgvector: PGlite, or a `Client` or `Pool` of `pg`. Calls to one `Client` wait for one another, and `putPgvector` begins
 * and commits: use no `Client` that is in a transaction of yours.
 */
export type PgDatabase = PgLite | PgClient | PgPool

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

/**
 * Makes a table of embeddings, unless there is one: `id text` and `embedding vector(dim)`. Join it to the texts by `id`.
 *
 * @param db - The database, with pgvector installed; PGlite has it from `PGlite.create({ extensions: { vector } })`.
 * @param table - Its name.
 * @param dim - Components of a vector.
 * @throws {RangeError} If `dim` is not a positive integer.
 * @see {@link https://github.com/pgvector/pgvector | pgvector}
 */
export async function createPgvectorTable(db: PgDatabase, table: string, dim: number): Promise<void> {
  const length = checkPositiveInteger('make a table', 'dim', dim) as number
  await withQueries(db, (queries) => makeTable(queries, table, length))
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
  await withTransaction(db, async (transaction) => {
    const given = spaceIdOf(embeddings)
    const known = await checkSpace(transaction, table, given)
    if (known === undefined && given !== undefined) await writeSpace(transaction, table, given)
    await putRows(transaction, table, { ids: names, rows: embeddings })
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
  return await withQueries(db, async (queries) => {
    await checkSpace(queries, table, spaceIdOf(query))
    // The order is that of the distance itself: pgvector's indices serve no other expression.
    const { rows } = await queries.query(
      `select id, ${score} as score from
         (select id, embedding ${operator} $1::vector as distance from ${quoteName(table)}
          order by embedding ${operator} $1::vector limit $2) as nearest
       order by distance, id`,
      [toVector(query, 0), topK],
    )
    return rows as { id: string; score: number }[]
  })
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
  const known = await readSpace(db, table)
  if (given === undefined || known === undefined || given === known) return known
  throw new EmbedderError('space-mismatch', spaceMismatch(table, known, given), { details: { stored: known, given } })
}

/** An empty id says that nobody knows. */
function spaceIdOf({ space }: PgRows): string | undefined {
  return space === undefined || space.id === '' ? undefined : space.id
}
