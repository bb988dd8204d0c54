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
    const { navigator: here } = globalThis as { navigator?: Navigator }
    const where = here?.onLine === false ? ' while the browser is offline' : ''
    throw new EmbedderError(
      'environment-unsupported',
      // Browsers name the URL in it.
      `Cannot go on as a part of nestling itself could not be loaded${where}: ${String(cause)}\nServe all of its files, and check the connection`,
      { cause },
    )
  }
}
