import { CliError, EXIT } from '../../cli-error.js'

/** A table of a Postgres server. */
export interface PostgresTarget {
  /** What `pg` connects with; it may hold a password. */
  readonly connection: string
  readonly table: string
  /** The server and its database for messages, without a password. */
  readonly shown: string
}

const DEFAULT_TABLE = 'embeddings'

/** What Postgres cuts longer names to, silently: two tables would be one. */
const MOST_NAME_BYTES = 63

/**
 * Reads a `postgres://` or `postgresql://` URL. Its `?table=` names the table and is none of the server's.
 *
 * @param given - The URL.
 * @throws {CliError} If it is no such URL, or names no table that there can be. The message holds no password.
 */
export function readPostgresTarget(given: string): PostgresTarget {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    // The whole text may hold a password.
    throw new CliError(
      'Cannot write to Postgres as the target must be postgres://USER:PASSWORD@HOST:PORT/DATABASE?table=NAME: it cannot be read as a URL\nWrite special characters of the password as %XX',
      EXIT.misuse,
    )
  }
  const name = url.searchParams.get('table') ?? DEFAULT_TABLE
  url.searchParams.delete('table')
  const bytes = Buffer.byteLength(name)
  if (bytes === 0 || bytes > MOST_NAME_BYTES || name.includes('\0')) {
    throw new CliError(
      `Cannot write to Postgres as the name of a table must have 1 to ${MOST_NAME_BYTES} bytes: current value is "${name}"\nName it with ?table=NAME behind the database`,
      EXIT.misuse,
    )
  }
  return { connection: url.href, table: name, shown: shownOf(url) }
}

/** Parameters may hold a password too. */
function shownOf({ protocol, username, host, pathname }: URL): string {
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname}`
}
