/** Ends the hold of a lock. */
export type Release = () => void

/** A browser says at once whether a lock is free; on a busy machine after some tenths of a second. */
const ANSWER_MS = 5000

/** How to wait for a lock. */
export interface LockWait {
  /** Told that another one has it. */
  readonly onWait?: (() => void) | undefined
  /** Ends the wait, with its reason. */
  readonly signal: AbortSignal
}

/**
 * Finds the Web Locks of this place.
 *
 * @returns The locks; `undefined` where there are none: outside of browsers, and on pages that are not secure.
 */
export function webLocks(): LockManager | undefined {
  const { navigator: here } = globalThis as { navigator?: { locks?: LockManager } }
  return here?.locks
}

/**
 * Holds a lock for as long as this thread lives.
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
 * @param name - The lock.
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
 * @param name - The lock.
 * @param signal - Ends the wait.
 * @param onReleased - Told that it is free.
 */
export function whenReleased(name: string, signal: AbortSignal, onReleased: () => void): void {
  webLocks()
    ?.request(name, { signal }, onReleased)
    .catch(() => undefined)
}

/**
 * Takes a lock if it is free.
 *
 * @param locks - The locks of this place.
 * @param name - Which lock.
 * @returns What ends it; `undefined` where another one has it, or the browser does not answer. Rejects where the browser refuses locks.
 */
async function tryLock(locks: LockManager, name: string): Promise<Release | undefined> {
  const asking = ask(locks, name, { ifAvailable: true })
  const late = new Promise<null>((resolve) => setTimeout(resolve, ANSWER_MS, null))
  const answer = await Promise.race([asking, late])
  if (answer !== null) return answer
  // Nobody waits for it any more.
  asking.then(
    (release) => release?.(),
    () => undefined,
  )
  return undefined
}

/**
 * Waits for a lock. Where there are none, or the browser refuses them, nothing is waited for.
 *
 * @param name - Which lock.
 * @param wait - How to wait.
 * @returns What ends it. Rejects when the signal ends the wait.
 */
export async function takeLock(name: string, { onWait, signal }: LockWait): Promise<Release> {
  const locks = webLocks()
  if (locks === undefined) return () => undefined
  try {
    const release = await tryLock(locks, name)
    if (release !== undefined) return release
  } catch {
    return () => undefined
  }
  onWait?.()
  return untilAborted(locks, name, signal)
}

/** A browser that does not answer does not end the wait either. */
async function untilAborted(locks: LockManager, name: string, signal: AbortSignal): Promise<Release> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', abort, { once: true })
    // Who was told of the wait may have ended it.
    if (signal.aborted) abort()
    ask(locks, name, { signal })
      .then((release) => {
        if (signal.aborted) release?.()
        resolve(release ?? (() => undefined))
      }, reject)
      .finally(() => {
        signal.removeEventListener('abort', abort)
      })
  })
}

function ask(locks: LockManager, name: string, options: LockOptions): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    const held = locks.request(name, options, (lock) => {
      if (lock === null) {
        resolve(undefined)
        return undefined
      }
      return new Promise<void>((release) => {
        resolve(release)
      })
    })
    held.catch(reject)
  })
}
