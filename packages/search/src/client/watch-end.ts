import { isTaken, whenReleased } from '@nestling/kit/locks/life-lock'
import { webLocks } from '@nestling/kit/locks/web-locks'

/**
 * Watches for the end of a worker that fires no event, as where a browser wants its memory; that can be told where it has Web Locks.
 *
 * @param hold - Has the worker hold a lock as long as it lives; says whether it does.
 * @param signal - Ends the watch.
 * @param onEnded - Told that it has ended.
 * @returns When it is watched.
 */
export async function watchEnd(
  hold: (lock: string) => Promise<boolean>,
  signal: AbortSignal,
  onEnded: () => void,
): Promise<void> {
  if (webLocks() === undefined) return
  const lock = `nestling-search-worker:${crypto.randomUUID()}`
  // Without this nothing tells of that end, and calls go on as they are.
  if (!(await hold(lock)) || !(await isTaken(lock))) return
  whenReleased(lock, signal, onEnded)
}
