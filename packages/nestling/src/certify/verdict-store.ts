import { within } from '@nestling/kit/calls/within'
import type { NestlingSchema } from '../store/records/database-schema.js'
import { DatabaseConnection } from '../store/records/database-connection.js'
import { openDatabase, type NestlingDatabase } from '../store/records/open-database.js'
import type { StoredReference, StoredVerdict } from '../store/records/stored-verdict.js'

/** Storage that has not answered by then is left out: it only saves work. */
const LIMIT_MS = 1000

/** A browser update makes a new key, so old ones have to go at some time. */
const MAX_ENTRIES = { verdicts: 200, references: 20 } as const

type StoreName = keyof typeof MAX_ENTRIES

/**
 * Remembers certificates and reference vectors between visits. Nothing here rejects, and nothing takes longer than a second: where
 * storage is blocked, full or hangs, nothing is remembered.
 */
export class VerdictStore {
  readonly #limitMs: number
  readonly #openDatabase: () => Promise<NestlingDatabase>
  #connection: Promise<DatabaseConnection | undefined> | undefined
  #isClosed = false

  /**
   * Opens nothing yet: a page that remembers nothing has no database.
   *
   * @param open - Opens the database.
   * @param limitMs - How long anything may take.
   */
  constructor(open: () => Promise<NestlingDatabase> = openDatabase, limitMs: number = LIMIT_MS) {
    this.#openDatabase = open
    this.#limitMs = limitMs
  }

  /**
   * Starts opening the database, so that later calls need not wait.
   *
   * @returns The connection; `undefined` where it cannot be had.
   */
  open(): Promise<DatabaseConnection | undefined> {
    this.#connection ??= this.#within(this.#openDatabase().then((database) => this.#connect(database)))
    return this.#connection
  }

  /**
   * Looks a verdict up.
   *
   * @param key - What it was about.
   * @returns The verdict; `undefined` where none is remembered.
   */
  verdict(key: string): Promise<StoredVerdict | undefined> {
    return this.#get('verdicts', key)
  }

  /**
   * Remembers a verdict.
   *
   * @param key - What it is about.
   * @returns When it is stored, or is not going to be.
   */
  rememberVerdict(key: string, verdict: StoredVerdict): Promise<void> {
    return this.#put('verdicts', key, verdict)
  }

  /**
   * Looks reference vectors up.
   *
   * @param key - What they belong to.
   * @returns The vectors; `undefined` where none are remembered.
   */
  reference(key: string): Promise<StoredReference | undefined> {
    return this.#get('references', key)
  }

  /**
   * Remembers reference vectors.
   *
   * @param key - What they belong to.
   * @returns When they are stored, or are not going to be.
   */
  rememberReference(key: string, reference: StoredReference): Promise<void> {
    return this.#put('references', key, reference)
  }

  /** Closes the database, now or when it opens. */
  close(): void {
    this.#isClosed = true
    void this.#connection?.then((connection) => connection?.close())
  }

  #connect(database: NestlingDatabase): DatabaseConnection {
    const connection = new DatabaseConnection(database, this.#openDatabase)
    if (this.#isClosed) connection.close()
    return connection
  }

  async #get<Name extends StoreName>(name: Name, key: string): Promise<NestlingSchema[Name]['value'] | undefined> {
    const connection = await this.open()
    if (connection === undefined) return undefined
    return this.#within(connection.use((database) => database.get(name, key)))
  }

  async #put<Name extends StoreName>(name: Name, key: string, value: NestlingSchema[Name]['value']): Promise<void> {
    const connection = await this.open()
    await this.#within(connection?.use((database) => putInto(database, name, key, value)) ?? Promise.resolve())
  }

  #within<T>(work: Promise<T>): Promise<T | undefined> {
    return within(work, this.#limitMs).catch(() => undefined)
  }
}

async function putInto<Name extends StoreName>(
  database: NestlingDatabase,
  name: Name,
  key: string,
  value: NestlingSchema[Name]['value'],
): Promise<void> {
  if ((await database.count(name)) >= MAX_ENTRIES[name]) await database.clear(name)
  await database.put(name, value, key)
}
