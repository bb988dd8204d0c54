import { EmbedderError } from '../wire/embedder-error.js'

/**
 * Loads a part of this library that is not needed at first.
 *
 * @param load - Imports it.
 * @returns The module.
 * @throws {EmbedderError} `environment-unsupported` if it cannot be loaded.
 */
export async function importPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new EmbedderError(
      'environment-unsupported',
      'Cannot go on as a part of nestling itself could not be loaded\nServe all of its files, and check the connection',
      { cause },
    )
  }
}
