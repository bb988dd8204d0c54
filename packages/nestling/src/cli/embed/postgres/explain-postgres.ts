import type { PostgresTarget } from './postgres-target.js'

/** What of an error of `pg` is read. */
interface PgFailure {
  readonly code?: string | undefined
  readonly message: string
}

/** No connection was made, or it ended: codes of Node and classes of SQLSTATE. */
const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT)$/
const LOST = /^(ECONNRESET|EPIPE|57P0[123]|08...)$/
/** `pg` gives these no code. */
const LOST_MESSAGE = /connection terminated|not queryable|client was closed|timeout exceeded|read timeout/i

/**
 * Says what kept rows from a table.
 *
 * @param error - What `pg` threw.
 * @param target - Where to.
 * @returns What was wrong in one line, and what to do in another. The password is in neither.
 */
export function explainPostgres(error: unknown, target: PostgresTarget): string {
  const { code, message } = failureOf(error)
  const [reason, advice] = reasonOf(code ?? '', message, target)
  const text = `Cannot write to table ${target.table} of ${target.shown} as ${reason}\n${advice}`
  return withoutPassword(text, target)
}

function reasonOf(code: string, message: string, { table }: PostgresTarget): readonly [string, string] {
  if (UNREACHABLE.test(code)) {
    return [`the server cannot be reached: ${message}`, 'Start it, or name the right host and port']
  }
  if (code === '28P01' || code === '28000') {
    return [`the server refuses the user: ${message}`, 'Give the right user and password in the URL, or PGPASSWORD']
  }
  if (code === '3D000') return [`there is no such database: ${message}`, 'Make it with createdb, or name another']
  if (code === '42501' && message.includes('extension')) {
    return [`the user may not: ${message}`, 'Have a superuser run "create extension vector" in the database']
  }
  if (code === '42501') {
    return [
      `the user may not: ${message}`,
      `Have the owner grant it: usage and create on the schema, or select, insert and update on "${table}" and "nestling_progress"`,
    ]
  }
  if (isWithoutVector(code, message)) {
    return [
      `the extension vector is missing: ${message}`,
      'Install pgvector on the server, then run "create extension vector" in the database',
    ]
  }
  if (code === '53100') return [`the disk of the server is full: ${message}`, 'Make room, then run the same again']
  if (LOST.test(code) || LOST_MESSAGE.test(message)) {
    return [
      `the connection was lost: ${message}`,
      'Run the same again: it goes on behind the last rows that are stored',
    ]
  }
  return [`the server answers: ${message}`, 'Nothing of these rows is stored; those before them are']
}

/** Not there at all, or there but not in this database. */
function isWithoutVector(code: string, message: string): boolean {
  if (code === '42704') return message.includes('"vector"')
  return (code === '0A000' || code === '58P01') && /extension/.test(message) && message.includes('vector')
}

/** Node reports what it tried for each address of a host. */
function failureOf(error: unknown): PgFailure {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const [first] = error.errors as readonly unknown[]
    return failureOf(first)
  }
  if (!(error instanceof Error)) return { message: String(error) }
  const { code } = error as { code?: unknown }
  return { code: typeof code === 'string' ? code : undefined, message: error.message }
}

function withoutPassword(text: string, { connection }: PostgresTarget): string {
  const { password, searchParams } = new URL(connection)
  const secrets = [password, decode(password), searchParams.get('password') ?? '']
  return secrets.filter((secret) => secret !== '').reduce((left, secret) => left.replaceAll(secret, '***'), text)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
