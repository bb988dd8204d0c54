/**
 * Says that something is waited for. On Node, where a worker thread keeps no process alive, this does until it is done.
 *
 * @returns What ends it.
 */
export function keepAlive(): () => void {
  return () => undefined
}
