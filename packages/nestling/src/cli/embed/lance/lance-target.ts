import { basename, dirname, resolve } from 'node:path'
import { CliError, EXIT } from '../../cli-error.js'

/** A table of a Lance database: a folder that ends with `.lance`, in the folder of the database. */
export interface LanceTarget {
  /** Folder of the database, or its URL on object storage. */
  readonly database: string
  readonly table: string
  /** The whole for messages. */
  readonly shown: string
}

/**
 * Reads `FOLDER.lance`, or the URL of such a folder: `s3://BUCKET/FOLDER.lance`.
 *
 * @param given - The path or URL.
 * @param cwd - The folder that relative paths are meant from.
 * @throws {CliError} If Lance has no table of that name.
 */
export function readLanceTarget(given: string, cwd: string): LanceTarget {
  const path = given.replace(/\/+$/, '')
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(path)
  const full = isUrl ? path : resolve(cwd, path)
  const table = basename(full).replace(/\.lance$/, '')
  if (!/^[\w.-]+$/.test(table)) {
    throw new CliError(
      `Cannot write to Lance as a table's name must have letters, digits and _ - . alone: current value is "${table}"\nName another folder`,
      EXIT.misuse,
    )
  }
  return { database: isUrl ? full.slice(0, full.lastIndexOf('/')) : dirname(full), table, shown: full }
}
