/** Node tells of each end of a thread; to wait for a lock would keep the process alive. */
export function watchEnd(..._: unknown[]): Promise<void> {
  return Promise.resolve()
}
