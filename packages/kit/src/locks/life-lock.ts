import { tryLock, webLocks } from './web-locks.js'

/**
 * Holds a lock for as long as this thread lives, so that others can tell its end.
 *
 * @param name - The lock, which nobody else has asked for yet.
 * @returns Whether it is held; `false` where there are no locks, or the browser refuses them: in a frame without an origin, and where the
 * user has blocked storage.
 */
export async function holdLock(name: string): Promise<boolean> {
  const locks = webLocks()
  if (locks === undefined) return false
  return tryLock(locks, name).then(
    (release) => release !== undefined,
    () => false,
  )
}

/**
 * Looks whether a lock is held by someone, as far as this thread can see: after the user has deleted the site's data, a page in Chromium that
 * was open then has other locks than the workers that it starts.
 *
 * @returns Whether it is; `false` where there are no locks, or the browser refuses them.
 */
export async function isTaken(name: string): Promise<boolean> {
  const locks = webLocks()
  if (locks === undefined) return false
  try {
    const release = await tryLock(locks, name)
    release?.()
    return release === undefined
  } catch {
    return false
  }
}

/**
 * Waits for the end of who holds a lock.
 *
 * @param onReleased - Told that it is free.
 */
export function whenReleased(name: string, signal: AbortSignal, onReleased: () => void): void {
  webLocks()
    ?.request(name, { signal }, onReleased)
    .catch(() => undefined)
}
