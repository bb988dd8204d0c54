/**
 * What calls on a connection fail with that the browser has closed: it does so when the user deletes the site's data, when another tab
 * upgrades or deletes the database, and on iOS when the page was asleep.
 */
const LOST: ReadonlySet<string> = new Set(['InvalidStateError', 'AbortError', 'UnknownError'])

/** Errors of calls on a closed database, and of opening one that is newer than this code. */
const CLOSED: ReadonlySet<string> = new Set(['InvalidStateError', 'VersionError', 'AbortError'])

/** Tells whether a call failed as the browser had closed the connection: it may do well on another one. */
export function isConnectionLost(error: unknown): error is Error {
  return error instanceof Error && LOST.has(error.name)
}

/** Why a database cannot be used. */
export interface DatabaseFailure {
  /** Name of what was thrown. */
  readonly name: string
  /** In words, as in «Cannot use the store as …». */
  readonly reason: string
  /** Whether the browser has no room for more. */
  readonly isFull: boolean
}

/** Reads what IndexedDB threw. */
export function readDatabaseFailure(cause: unknown): DatabaseFailure {
  const name = cause instanceof Error ? cause.name : ''
  const reason = CLOSED.has(name)
    ? 'the database was closed: another tab may run a newer version of this page'
    : `the browser refused: ${cause instanceof Error ? `${name} ${cause.message}` : String(cause)}`
  return { name, reason, isFull: name === 'QuotaExceededError' }
}

/** Closes a database, now or when it opens. */
export function closeWhenOpen(opening: Promise<{ close(): void }>): void {
  opening.then(
    (database) => {
      database.close()
    },
    () => undefined,
  )
}
