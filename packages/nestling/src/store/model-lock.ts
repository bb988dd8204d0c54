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
 * @param signal - Ends the wait for the lock, with its reason; work that has begun goes on.
 * @returns What it gives.
 */
export async function withModelLock<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted()
  const locks = webLocks()
  if (locks === undefined) return work()
  return locks.request(modelLockName(key), signal === undefined ? {} : { signal }, work)
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
