import { SocketLocks, socketAddress } from '@nestling/kit/locks/socket-locks.node'
import { tryLock, type Release } from '@nestling/kit/locks/web-locks'

/**
 * Takes a file or a folder for this process to write. Another machine is not seen.
 *
 * @param path - Absolute, and one for all names that it has.
 * @returns What lets it go; `undefined` where another process has it.
 */
export async function lockTarget(path: string): Promise<Release | undefined> {
  const locks = new SocketLocks((name) => socketAddress(name)) as unknown as LockManager
  return await tryLock(locks, `nestling embed\n${path}`)
}
