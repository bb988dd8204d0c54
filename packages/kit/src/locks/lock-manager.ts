/** Finds the Web Locks of this place. There are none outside of browsers, and on pages that are not secure. */
export function webLocks(): LockManager | undefined {
  const { navigator: here } = globalThis as { navigator?: { locks?: LockManager } }
  return here?.locks
}
