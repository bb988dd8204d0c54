import { closeWhenOpen, isConnectionLost } from '@nestling/kit/databases/database-failure'
import type { NestlingDatabase } from './open-database.js'

/** A connection to the database that is opened again where the browser closed it: what was stored may be gone then. */
export class DatabaseConnection {
  readonly #reopen: () => Promise<NestlingDatabase>
  #opening: Promise<NestlingDatabase>
  #isClosed = false

  /**
   * Takes an open database over.
   *
   * @param reopen - Opens it again.
   */
  constructor(database: NestlingDatabase, reopen: () => Promise<NestlingDatabase>) {
    this.#opening = Promise.resolve(database)
    this.#reopen = reopen
  }

  /**
   * Uses the database; once more on a new connection where the first one was closed.
   *
   * @param work - Reads or writes; to do it twice must do no harm.
   * @returns What it gives.
   * @throws {unknown} What the database throws, and what opening it does.
   */
  async use<T>(work: (database: NestlingDatabase) => Promise<T>): Promise<T> {
    const before = this.#opening
    try {
      return await work(await before)
    } catch (error) {
      if (this.#isClosed || !isConnectionLost(error)) throw error
      // Another call may have opened it already.
      if (this.#opening === before) this.#opening = this.#openAgain(before)
      return work(await this.#opening)
    }
  }

  /** Closes the database, now or when it opens. */
  close(): void {
    this.#isClosed = true
    closeWhenOpen(this.#opening)
  }

  async #openAgain(before: Promise<NestlingDatabase>): Promise<NestlingDatabase> {
    await before.then(
      (database) => {
        database.close()
      },
      () => undefined,
    )
    return this.#reopen()
  }
}
