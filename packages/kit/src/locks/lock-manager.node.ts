import { cacheFolder } from '../files/cache-folder.node.js'
import { SocketLocks, socketAddress } from './socket-locks.node.js'

/** Gives locks that all threads and processes see which share a cache folder. */
export function webLocks(): LockManager {
  const folder = cacheFolder()
  // What else a LockManager has, nobody here asks for.
  return new SocketLocks((name) => socketAddress(`${folder}\n${name}`)) as unknown as LockManager
}
