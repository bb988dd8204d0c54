import { withTransaction, type Client, type Queries } from '@nestling/kit/postgres/pg-database'
import {
  makeTable,
  putRows,
  quoteName,
  readSpace,
  spaceMismatch,
  writeSpace,
  type Column,
  type ColumnValues,
} from '@nestling/kit/postgres/pgvector-table'
import { CliError, EXIT } from '../cli-error.js'
import { checkFloat32 } from './check-float32.js'
import type { Checkpoint, EmbeddingSink, SinkJob, SinkRow } from './embedding-sink.js'
import { importPeer } from './import-peer.js'
import { explainPostgres } from './postgres/explain-postgres.js'
import type { PostgresTarget } from './postgres/postgres-target.js'
import {
  advanceProgress,
  beginProgress,
  finishProgress,
  makeProgressTable,
  readProgress,
  readTable,
  type TableState,
} from './postgres/table-state.js'

/** What is used of the `Client` of `pg`. */
export interface PgConnection extends Client {
  connect(): Promise<unknown>
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** The class `Client` of `pg`. */
type ClientClass = new (options: Readonly<Record<string, unknown>>) => PgConnection

/** A server that does not answer at all within it is not there. */
const CONNECT_TIMEOUT_MS = 20_000
/** A batch takes seconds where an index is kept up to date; behind a wire that was cut nothing comes at all. */
const ANSWER_TIMEOUT_MS = 300_000
/** The server may still believe in a process that was killed. */
const LOCK_TRIES = 20
const LOCK_PAUSE_MS = 500

/** What a row has beside its vector. */
const COLUMNS: readonly Column[] = [
  { name: 'text', type: 'text' },
  { name: 'fields', type: 'jsonb' },
]

const PG = { name: 'pg', purpose: 'write to Postgres', install: 'pg' }

/**
 * Writes embeddings into a table of a Postgres with pgvector, which `@nestling/search/pgvector` can search. Each call of `write` is one
 * transaction, together with how far the run came: a process that is killed leaves a whole number of them.
 */
export class PostgresSink implements EmbeddingSink {
  readonly name: string
  readonly #target: PostgresTarget
  readonly #cwd: string
  #client: PgConnection | undefined
  /** Which of {@link COLUMNS} the table has. */
  #columns: readonly Column[] = COLUMNS
  #rows = 0

  /**
   * Makes the sink; nothing is connected yet.
   *
   * @param target - Server and table.
   * @param cwd - Where `pg` is installed.
   */
  constructor(target: PostgresTarget, cwd: string) {
    this.#target = target
    this.#cwd = cwd
    this.name = `${target.shown}?table=${target.table}`
  }

  async open(job: SinkJob): Promise<Checkpoint | undefined> {
    checkFloat32('Postgres', job)
    const { Client: PgClient } = await importPeer(PG, this.#cwd)
    const client = new (PgClient as ClientClass)({
      connectionString: this.#target.connection,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'nestling embed',
    })
    // The statement that runs, or the next one, fails with the same error.
    client.on('error', () => undefined)
    this.#client = client
    return await this.#explained(async () => {
      await client.connect()
      await this.#lock(client)
      const kept = await withTransaction(client, (queries) => this.#prepare(queries, job))
      this.#rows = kept?.rows ?? 0
      return kept
    })
  }

  async write(rows: readonly SinkRow[], checkpoint: Checkpoint): Promise<void> {
    const { table } = this.#target
    await this.#explained(() =>
      withTransaction(this.#connection(), async (queries) => {
        if (!(await advanceProgress(queries, table, this.#rows, checkpoint))) throw this.#inUse()
        await putRows(queries, table, toNewRows(rows, this.#columns))
      }),
    )
    this.#rows = checkpoint.rows
  }

  async finish(): Promise<void> {
    await this.#explained(() =>
      withTransaction(this.#connection(), (queries) => finishProgress(queries, this.#target.table)),
    )
    await this.abort()
  }

  async abort(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    // A connection that is lost cannot be ended, and has nothing to say about it.
    await client?.end().catch(() => undefined)
  }

  #connection(): PgConnection {
    if (this.#client === undefined) throw new Error(`Cannot write to ${this.name} as it is not open`)
    return this.#client
  }

  /** Of the session: the server takes it back from whoever dies. */
  async #lock(client: PgConnection): Promise<void> {
    for (let attempt = 0; attempt < LOCK_TRIES; attempt++) {
      const sql = 'select pg_try_advisory_lock(hashtextextended(current_schema() || $1, 0)) as taken'
      const { rows } = await client.query(sql, [`/nestling embed/${this.#target.table}`])
      if ((rows[0] as { taken: boolean }).taken) return
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS))
    }
    throw this.#inUse()
  }

  #inUse(): CliError {
    return this.#refusal('another process writes it', 'Wait for that one, or name another table with ?table=')
  }

  /** All of it or nothing happens. */
  async #prepare(queries: Queries, job: SinkJob): Promise<Checkpoint | undefined> {
    const { table } = this.#target
    await makeProgressTable(queries)
    const found = await readTable(queries, table)
    const state = found ?? (await this.#make(queries, job))
    this.#columns = COLUMNS.filter(({ name }) => state.columns.has(name))
    this.#checkColumns(state)
    const progress = await readProgress(queries, table, state.oid)
    const isReplaced = progress?.isFinished === false ? job.isRestart : job.isOverwrite
    if (isReplaced) await this.#empty(queries, job, state)
    else await this.#checkVectors(queries, job, state)
    if (isReplaced || (progress === undefined && !state.hasRows)) {
      await beginProgress(queries, table, state.oid, job.digest)
      return undefined
    }
    if (progress === undefined) {
      throw this.#refusal('it holds rows that no run of this command wrote', 'Name another table, or give --overwrite')
    }
    if (progress.isFinished) {
      throw this.#refusal('it is finished', 'Name another table, or give --overwrite to have its rows replaced')
    }
    if (progress.digest !== job.digest) {
      throw this.#refusal(
        `it holds ${progress.rows} rows of another input or of other options`,
        'Run the command that began it again, or give --restart to begin anew',
      )
    }
    return { rows: progress.rows, inputDigest: progress.inputDigest }
  }

  async #make(queries: Queries, job: SinkJob): Promise<TableState> {
    const { table } = this.#target
    await makeTable(queries, table, job.dim, COLUMNS)
    await this.#writeSpace(queries, job)
    const state = await readTable(queries, table)
    if (state === undefined) throw new Error(`Cannot find table ${table} although it was made`)
    return state
  }

  #checkColumns({ columns, vectorType }: TableState): void {
    if (columns.has('id') && vectorType?.startsWith('vector') === true) return
    throw this.#refusal(
      `its columns must be "id text" and "embedding vector": current columns are ${[...columns].join(', ')}`,
      'Name another table with ?table=',
    )
  }

  async #checkVectors(queries: Queries, { dim, space }: SinkJob, { vectorType }: TableState): Promise<void> {
    if (vectorType !== 'vector' && vectorType !== `vector(${dim})`) {
      throw this.#refusal(
        `its vectors must have ${dim} components: current type is ${vectorType ?? 'none'}`,
        'Name another table with ?table=, or take the model and --dims that it was made with',
      )
    }
    const { table } = this.#target
    const known = await readSpace(queries, table)
    if (known === undefined) await this.#writeSpace(queries, { space })
    else if (space.id !== '' && space.id !== known) throw new CliError(spaceMismatch(table, known, space.id))
  }

  /** The new vectors may be longer, and of another model. */
  async #empty(queries: Queries, job: SinkJob, { vectorType }: TableState): Promise<void> {
    const name = quoteName(this.#target.table)
    await queries.exec(`delete from ${name}`)
    if (vectorType !== 'vector' && vectorType !== `vector(${job.dim})`) {
      await queries.exec(`alter table ${name} alter column embedding type vector(${job.dim})`)
    }
    if ((await readSpace(queries, this.#target.table)) !== job.space.id) await this.#writeSpace(queries, job)
  }

  /** An empty id says that nobody knows. */
  async #writeSpace(queries: Queries, { space }: Pick<SinkJob, 'space'>): Promise<void> {
    if (space.id !== '') await writeSpace(queries, this.#target.table, space.id)
  }

  #refusal(reason: string, advice: string): CliError {
    const { table, shown } = this.#target
    return new CliError(`Cannot write to table ${table} of ${shown} as ${reason}\n${advice}`)
  }

  async #explained<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      if (error instanceof CliError) throw error
      throw new CliError(explainPostgres(error, this.#target), EXIT.failed, error)
    }
  }
}

/** Of two rows with one id the later is kept, as it is where they come in two calls. */
function toNewRows(given: readonly SinkRow[], columns: readonly Column[]): Parameters<typeof putRows>[2] {
  const rows = [...new Map(given.map((row) => [withoutZero(row.id), row])).values()]
  const dim = rows[0]?.vector.length ?? 0
  const data = new Float32Array(rows.length * dim)
  for (const [place, { vector }] of rows.entries()) data.set(vector, place * dim)
  const valuesOf = ({ name }: Column): ColumnValues['values'] =>
    rows.map(({ text, fields }) => (name === 'text' ? withoutZero(text) : toJson(fields)))
  return {
    ids: rows.map(({ id }) => withoutZero(id)),
    rows: { data, count: rows.length, dim },
    columns: columns.map((column) => ({ ...column, values: valuesOf(column) })),
  }
}

/** Postgres takes every character but this one. */
function withoutZero(text: string): string {
  return text.replaceAll('\0', '\ufffd')
}

/** The escapes that `jsonb` refuses: of zero, and of half a pair, which JSON writes of nothing else. */
const REFUSED_ESCAPES = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g

function toJson(fields: SinkRow['fields']): string {
  return JSON.stringify(fields).replaceAll(REFUSED_ESCAPES, '$1\\ufffd')
}
