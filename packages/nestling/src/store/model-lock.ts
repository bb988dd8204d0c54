/**
 * Runs work on one model while no other tab downloads, imports or deletes it. Browsers without locks run it at once.
 *
 * @param key - The model.
 * @param signal - Ends the wait for the lock.
 * @param work - The work.
 * @returns What the work gives; rejects as it does, and with the signal's reason while it waits.
 */
export async function withModelLock<T>(
  key: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const locks = (globalThis.navigator as Navigator | undefined)?.locks
  if (locks === undefined) return work()
  return locks.request(modelLockName(key), signal === undefined ? {} : { signal }, work)
}

/**
 * Names the lock of a model, and the channel on which its owner tells how far a download is.
 *
 * @param key - The model.
 * @returns The name.
 */
export function modelLockName(key: string): string {
  return `nestling:model:${key}`
}
