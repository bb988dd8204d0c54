import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliError } from '../cli-error.js'

/** What is wanted of a package, for messages. */
export interface PackageRequest {
  /** The folder that it is installed for. */
  readonly from: string
  /** What cannot be done without it, such as `search an index`. */
  readonly purpose: string
}

/**
 * Imports a package that nestling does not depend on, as the user's project has it.
 *
 * @param name - Name of the npm package.
 * @returns What it exports.
 * @throws {CliError} If it is not installed there, or cannot be read.
 */
export async function importPackage(
  name: string,
  { from, purpose }: PackageRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const entry = resolvePackage(name, from)
  if (entry === undefined) {
    throw new CliError(`Cannot ${purpose} as ${name} is not installed for ${from}\nRun npm install ${name}`)
  }
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(entry).href)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CliError(`Cannot ${purpose} as ${name} cannot be read: ${reason}`, undefined, cause)
  }
}

/**
 * Finds the entry of a package.
 *
 * @returns Its path; `undefined` where it is not installed.
 */
export function resolvePackage(name: string, from: string): string | undefined {
  try {
    return createRequire(join(from, 'package.json')).resolve(name)
  } catch {
    return undefined
  }
}
