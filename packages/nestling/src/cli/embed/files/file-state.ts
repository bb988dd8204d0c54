import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { CliError } from '../../cli-error.js'
import { fileFailure } from '../../explain-error.js'

/** What is kept beside an unfinished file. */
export interface FileState {
  /** Digest of the job. */
  readonly job: string
  readonly rows: number
  /** Length of the file that belongs to them; what is behind was torn. */
  readonly bytes: number
  readonly inputDigest: string | undefined
}

/** Of the shape of a state: another one is of another version. */
const VERSION = 1

/**
 * Reads the state of an unfinished file.
 *
 * @returns `undefined` where there is none.
 * @throws {CliError} If it cannot be read or is none.
 */
export function readState(path: string): FileState | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new CliError(`Cannot read ${path} as ${fileFailure(cause)}`, undefined, cause)
  }
  const state = parse(text)
  if (state !== undefined) return state
  throw new CliError(`Cannot go on as ${path} is damaged\nAdd --restart to begin again`)
}

function parse(text: string): FileState | undefined {
  try {
    const { version, ...state } = JSON.parse(text) as FileState & { readonly version: number }
    const counts = [state.rows, state.bytes].every((count) => Number.isSafeInteger(count) && count >= 0)
    return version === VERSION && counts && typeof state.job === 'string' ? state : undefined
  } catch {
    return undefined
  }
}

/**
 * Puts a state in the place of the last one, whole or not at all.
 *
 * @param path - Its file.
 */
export function writeState(path: string, state: FileState): void {
  const fresh = `${path}.new`
  try {
    writeFileSync(fresh, JSON.stringify({ version: VERSION, ...state }))
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
}
