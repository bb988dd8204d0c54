import { pathToFileURL } from 'node:url'
import { CliError } from '../cli-error.js'
import { resolvePackage } from '../models/import-package.js'

/** A package that is used where its user has installed it. */
export interface Peer {
  readonly name: string
  /** What is done with it, for the message. */
  readonly purpose: string
  /** What `npm install` is to be given. */
  readonly install: string
}

/**
 * Imports a package of the working directory: nestling does not depend on it.
 *
 * @param peer - Which one.
 * @param from - The folder that it is looked for from.
 * @returns What it exports.
 * @throws {CliError} If it is not installed, or cannot be loaded here.
 */
export async function importPeer({ name, purpose, install }: Peer, from: string): Promise<Record<string, unknown>> {
  const entry = resolvePackage(name, from)
  if (entry === undefined) {
    throw new CliError(
      `Cannot ${purpose} as ${name} is not installed for ${from}\nRun npm install ${install}, or start the command in your project`,
    )
  }
  try {
    const module = (await import(pathToFileURL(entry).href)) as Record<string, unknown>
    // A CommonJS module is its default export.
    return { ...module, ...(module['default'] as object | undefined) }
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    const message = `Cannot ${purpose} as ${name} cannot be loaded: ${reason}\nRun npm install ${install} again on this machine`
    throw new CliError(message, undefined, cause)
  }
}
