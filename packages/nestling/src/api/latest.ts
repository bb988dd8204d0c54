/**
 * Makes a function of which only the newest call counts, such as a search while the user types: each call ends the one before.
 *
 * @param run - The work; its first argument ends it, so hand it on as `signal`.
 * @returns A function that takes the other arguments. It gives what `run` gives, and `undefined` for a call that a newer one has
 * replaced, whatever became of it.
 */
export function latest<A extends readonly unknown[], T>(
  run: (signal: AbortSignal, ...args: A) => Promise<T>,
): (...args: A) => Promise<T | undefined> {
  let current: AbortController | undefined
  return async (...args) => {
    current?.abort(new DOMException('A newer call took the place of this one', 'AbortError'))
    const own = new AbortController()
    current = own
    try {
      const result = await run(own.signal, ...args)
      return own.signal.aborted ? undefined : result
    } catch (error) {
      if (own.signal.aborted) return undefined
      throw error
    } finally {
      if (current === own) current = undefined
    }
  }
}
