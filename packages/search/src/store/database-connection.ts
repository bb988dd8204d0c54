import { within } from '@nestling/kit/calls/within'
import { closeWhenOpen, isConnectionLost } from '@nestling/kit/databases/database-failure'
import { failure } from '../wire/failure.js'
import { ConnectionLost } from './connection-lost.js'
import type { SearchDatabase } from './open-database.js'
import { toStoreFailure } from './store-failure.js'
import { whileHeard, type Watched } from './while-heard.js'

/** Connections that may be lost in a row, with nothing read or written on any of them. */
const MAX_LOSSES = 2

/** A database opens in milliseconds; one that waits for another tab to give way may never. */
const OPEN_MS = 5000

/** Reads or writes. */
export type DatabaseWork<T> = (database: SearchDatabase, watched: Watched) => Promise<T>

/** A connection to the database that is opened again where the browser closed it. */
export class DatabaseConnection {
  readonly #open: (onTerminated: () => void) => Promise<SearchDatabase>
  readonly #onLost: () => void
  readonly #silenceMs: number | undefined
  #opening: Promise<SearchDatabase>
  #losses = 0
  #isClosed = false

  /**
   * Begins to open the database.
   *
   * @param onLost - Told each time that a connection was lost.
   * @param silenceMs - How long the database may give no answer; tests have less patience.
   */
  constructor(open: (onTerminated: () => void) => Promise<SearchDatabase>, onLost: () => void, silenceMs?: number) {
    this.#open = open
    this.#onLost = onLost
    this.#silenceMs = silenceMs
    this.#opening = this.#openOnce()
    this.#opening.catch(() => undefined)
  }

  /**
   * Waits until it is open.
   *
   * @throws {EmbedderError} `store-unavailable` if the browser has no database here, or does not open it.
   */
  async ready(): Promise<void> {
    await this.#opening.catch((error: unknown) => {
      throw toStoreFailure(error)
    })
  }

  /**
   * Uses the database.
   *
   * @param work - Reads or writes.
   * @returns What it gives.
   * @throws {ConnectionLost} If the browser had closed it; nothing was changed, and a call after that has a new connection.
   * @throws {EmbedderError} `store-unavailable`, `quota-exceeded`; what `work` throws.
   */
  async use<T>(work: DatabaseWork<T>): Promise<T> {
    const before = this.#opening
    try {
      const database = await before
      const result = await whileHeard((watched) => work(database, watched), this.#silenceMs)
      this.#losses = 0
      return result
    } catch (error) {
      const isOver = this.#isClosed || this.#losses >= MAX_LOSSES
      if (isOver || !isConnectionLost(error)) throw toStoreFailure(error)
      this.#replace(before)
      throw new ConnectionLost(error.message, { cause: error })
    }
  }

  /**
   * As {@link DatabaseConnection.use}, for work that knows nothing of the store: it is done again on the new connection.
   *
   * @param work - Reads or writes.
   * @returns What it gives.
   */
  async useAgain<T>(work: DatabaseWork<T>): Promise<T> {
    for (;;) {
      try {
        return await this.use(work)
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error
      }
    }
  }

  /** Closes the database, now or when it opens. */
  close(): void {
    this.#isClosed = true
    closeWhenOpen(this.#opening)
  }

  /** Another call may have done it already. */
  #replace(before: Promise<SearchDatabase>): void {
    if (this.#isClosed || this.#opening !== before) return
    closeWhenOpen(before)
    this.#losses++
    this.#opening = this.#openOnce()
    this.#opening.catch(() => undefined)
    this.#onLost()
  }

  #openOnce(): Promise<SearchDatabase> {
    const opening = this.#open(() => {
      this.#replace(own)
    })
    const own = within(opening, OPEN_MS).then((database) => {
      if (database !== undefined) return database
      // One that opens after all would keep other tabs from upgrading it.
      closeWhenOpen(opening)
      throw notOpened()
    })
    return own
  }
}

function notOpened(): Error {
  return failure(
    'store-unavailable',
    `Cannot use the stored index as the browser did not open its storage in ${OPEN_MS / 1000} s\nClose other tabs of this site and reload the page`,
    { details: { reason: 'timeout' } },
  )
}
