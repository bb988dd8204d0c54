import type { FailureClass } from './failure-class.js'

/**
 * Loads a part of this library that is not needed at first.
 *
 * @param load - Imports it; the literal of `import()` has to stand where it is used, so that bundlers see it.
 * @throws {Error} A failure `environment-unsupported` if it cannot be loaded.
 */
export async function importBundle<T>(
  load: () => Promise<T>,
  failureClass: FailureClass<'environment-unsupported'>,
): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const { navigator } = globalThis as { readonly navigator?: Navigator }
    const where = navigator?.onLine === false ? ' while the browser is offline' : ''
    throw new failureClass(
      'environment-unsupported',
      // Browsers name the URL in it.
      `Cannot go on as a part of nestling itself could not be loaded${where}: ${String(cause)}\nServe all of its files, and check the connection`,
      { cause },
    )
  }
}
