import type { IdPortion } from '../../wire/protocol.js'

/**
 * Reads what comes in portions, all of one version: where the index changes meanwhile, from the start.
 *
 * @param read - Asks the worker for what is at a place and after it.
 * @param signal - Ends it.
 * @returns All portions, at least one.
 */
export async function readPortions<Portion extends IdPortion>(
  read: (from: number) => Promise<Portion>,
  signal?: AbortSignal,
): Promise<readonly [Portion, ...Portion[]]> {
  for (;;) {
    const first = await read(0)
    const portions: [Portion, ...Portion[]] = [first]
    for (let from = first.ids.length, last = first; ; from += last.ids.length) {
      signal?.throwIfAborted()
      if (last.version !== first.version) break
      if (from >= last.total) return portions
      last = await read(from)
      portions.push(last)
    }
  }
}
