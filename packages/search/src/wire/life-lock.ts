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
 * @returns When it is held, or there are no locks here.
 */
export function holdLock(name: string): Promise<void> {
  return new Promise((resolve) => {
    const locks = webLocks()
    if (locks === undefined) {
      resolve()
      return
    }
    void locks.request(name, () => {
      resolve()
      return new Promise(() => undefined)
    })
  })
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
