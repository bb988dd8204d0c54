import { SocketLocks, socketAddress } from '@nestling/kit/locks/socket-locks.node'
import { tryLock, type Release } from '@nestling/kit/locks/web-locks'

/**
 * Takes a table for this process. Lance itself lets two append at the same time. Another machine is not seen.
 *
 * @param path - Its folder.
 * @returns What lets it go; `undefined` where another process has it.
 */
export async function lockTable(path: string): Promise<Release | undefined> {
  const locks = new SocketLocks((name) => socketAddress(name)) as unknown as LockManager
  return await tryLock(locks, `nestling embed\n${path}`)
}
