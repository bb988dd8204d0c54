import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../explain-error.js'

/**
 * Reads a file that has to be in memory whole.
 *
 * @param path - Relative to `cwd`.
 * @throws {CliError} If it cannot be read.
 */
export function readWholeFile(path: string, cwd: string): Buffer<ArrayBuffer> {
  const file = resolve(cwd, path)
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new CliError(`Cannot read ${file} as ${fileFailure(cause)}\nLook at the path`, undefined, cause)
  }
}

/**
 * Reads a text file.
 *
 * @throws {CliError} If it cannot be read or is not UTF-8.
 */
export function readTextFile(path: string, cwd: string): string {
  const bytes = readWholeFile(path, cwd)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new CliError(`Cannot read ${path} as it must be UTF-8\nSave it as UTF-8`, undefined, cause)
  }
}
