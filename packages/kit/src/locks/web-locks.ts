import { within } from '../calls/within.js'
import { webLocks } from './lock-manager.js'

export { webLocks }

/** A browser says at once whether a lock is free; on a busy machine after some tenths of a second. */
const ANSWER_MS = 5000

/** Ends the hold of a lock. */
export type Release = () => void

/** How to wait for a lock. */
export interface LockWait {
  /** Told that another one has it. */
  readonly onWait?: (() => void) | undefined
  /** Ends the wait, with its reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Takes a lock if it is free.
 *
 * @param locks - The locks of this place.
 * @returns What ends it; `undefined` where another one has it, or the browser does not answer. Rejects where the browser refuses locks to
 * this page.
 */
export async function tryLock(locks: LockManager, name: string): Promise<Release | undefined> {
  const asking = ask(locks, name, { ifAvailable: true })
  const answer = await within(
    asking.then((release) => ({ release })),
    ANSWER_MS,
  )
  // Nobody waits for it any more.
  if (answer === undefined) void asking.then((release) => release?.()).catch(() => undefined)
  return answer?.release
}

/**
 * Waits for a lock. Where there are none, or the browser refuses them to this page (a frame without an origin, blocked storage), nothing is
 * waited for: such a page shares no store with others.
 *
 * @returns What ends it. Rejects on an abort, with the signal's reason.
 */
export async function takeLock(name: string, { onWait, signal }: LockWait): Promise<Release> {
  signal?.throwIfAborted()
  const locks = webLocks()
  if (locks === undefined) return () => undefined
  try {
    const release = await tryLock(locks, name)
    if (release !== undefined) return release
  } catch {
    return () => undefined
  }
  onWait?.()
  const release = await (signal === undefined ? ask(locks, name, {}) : askUntilAborted(locks, name, signal))
  return release ?? (() => undefined)
}

/**
 * As {@link takeLock}, for those who can do without.
 *
 * @param limitMs - How long to wait for another one.
 * @returns What ends it; `undefined` where it was not to be had. Rejects on an abort, with the signal's reason.
 */
export async function takeLockWithin(
  name: string,
  limitMs: number,
  { onWait, signal }: LockWait = {},
): Promise<Release | undefined> {
  signal?.throwIfAborted()
  const giveUp = new AbortController()
  const end = (): void => {
    giveUp.abort()
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (): void => {
    onWait?.()
    timer = setTimeout(end, limitMs)
  }
  signal?.addEventListener('abort', end)
  try {
    return await takeLock(name, { onWait: wait, signal: giveUp.signal })
  } catch {
    signal?.throwIfAborted()
    return undefined
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

/** A browser that does not answer does not end the wait either. */
function askUntilAborted(locks: LockManager, name: string, signal: AbortSignal): Promise<Release | undefined> {
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
        resolve(release)
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
