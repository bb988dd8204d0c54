/** What can ask a Postgres, inside a transaction or outside. */
export interface Queries {
  /** Runs one statement with parameters. */
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>
  /** Runs statements. */
  exec(sql: string): Promise<unknown>
}

/** A database that makes its own transactions, as PGlite does. */
export interface TransactingDatabase extends Queries {
  transaction<T>(run: (transaction: Queries) => Promise<T>): Promise<T | undefined>
}

/** One connection, as the `Client` of `pg` is. */
export interface Client {
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>
}

/** A connection that is lent. */
export interface PooledClient extends Client {
  /** Gives it back; with an error it is closed, as nobody knows what state it is in. */
  release(error?: Error): void
  /** Without a listener a connection that is lost would end the process. */
  on?(event: 'error', listener: () => void): unknown
  off?(event: 'error', listener: () => void): unknown
}

/** Many connections, as the `Pool` of `pg` has them. */
export interface Pool extends Client {
  /** A `Client` has no such number. */
  readonly totalCount: number
  connect(): Promise<PooledClient>
}

/** Whatever can be asked. */
export type AnyDatabase = TransactingDatabase | Client | Pool

/** The last call to each single connection: what several ask of one would fall into one transaction. */
const lastCalls = new WeakMap<Client, Promise<unknown>>()

/**
 * Runs statements on a database.
 *
 * @param db - The database.
 * @param run - Gets what can be asked. Each of its statements is on its own, and on a pool each may use another connection.
 * @returns What `run` gives.
 */
export async function withQueries<T>(db: AnyDatabase, run: (queries: Queries) => Promise<T>): Promise<T> {
  if ('transaction' in db) return await run(db)
  return isPool(db) ? await run(queriesOf(db)) : await inTurn(db, () => run(queriesOf(db)))
}

/**
 * Runs statements that are done all or not at all.
 *
 * @param db - The database; a single connection must be in no transaction of its caller.
 * @param run - Gets what can be asked.
 * @returns What `run` gives.
 * Where `run` or the database throws, that is thrown and nothing is changed.
 */
export async function withTransaction<T>(db: AnyDatabase, run: (queries: Queries) => Promise<T>): Promise<T> {
  // PGlite gives nothing only where its caller rolled back, which none of ours does.
  if ('transaction' in db) return (await db.transaction(run)) as T
  if (!isPool(db)) return await inTurn(db, () => commit(db, run))
  const client = await db.connect()
  client.on?.('error', ignore)
  let failure: Error | undefined
  try {
    return await commit(client, run)
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    client.off?.('error', ignore)
    client.release(failure)
  }
}

/** The statement that runs meanwhile fails with the same error. */
function ignore(): void {
  // Nothing is left to say.
}

async function commit<T>(client: Client, run: (queries: Queries) => Promise<T>): Promise<T> {
  await client.query('begin')
  try {
    const result = await run(queriesOf(client))
    await client.query('commit')
    return result
  } catch (error) {
    // A connection that is lost rolls back by itself; what broke it says more than this failure.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

function queriesOf(client: Client): Queries {
  return {
    query: (sql, parameters) => client.query(sql, parameters),
    // Without parameters a text may have several statements.
    exec: (sql) => client.query(sql),
  }
}

async function inTurn<T>(client: Client, run: () => Promise<T>): Promise<T> {
  const before = lastCalls.get(client) ?? Promise.resolve()
  const result = before.then(run)
  const done = result.catch(() => undefined)
  lastCalls.set(client, done)
  return await result
}

function isPool(db: Client | Pool): db is Pool {
  return 'totalCount' in db
}
