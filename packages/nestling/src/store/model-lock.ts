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
 * Names the Web Lock and the channel of a model: whoever writes or deletes it holds the lock.
 *
 * @param key - Key of the model.
 * @returns The name.
 */
export function modelLockName(key: string): string {
  return `nestling:model:${key}`
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
 * Takes a lock if it is free.
 *
 * @param locks - The locks of this place.
 * @param name - Which lock.
 * @returns What ends it; `undefined` where another one has it. Rejects where the browser refuses locks to this page.
 */
export function tryLock(locks: LockManager, name: string): Promise<Release | undefined> {
  return ask(locks, name, { ifAvailable: true })
}

/**
 * Waits for a lock. Where there are none, or the browser refuses them to this page (a frame without an origin, blocked storage), nothing is
 * waited for: such a page shares no store with others.
 *
 * @param name - Which lock.
 * @param wait - How to wait.
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
  const release = await ask(locks, name, signal === undefined ? {} : { signal })
  return release ?? (() => undefined)
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
