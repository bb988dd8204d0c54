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
 * Does work while no other tab writes the model. Without Web Locks it is done at once.
 *
 * @param key - Key of the model.
 * @param work - The work.
 * @returns What it gives.
 */
export async function withModelLock<T>(key: string, work: () => Promise<T>): Promise<T> {
  const locks = webLocks()
  return locks === undefined ? work() : locks.request(modelLockName(key), work)
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
