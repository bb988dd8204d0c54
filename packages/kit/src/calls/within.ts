/**
 * Waits for work that may never end.
 *
 * @param work - The work; it goes on when nobody waits any more.
 * @param limitMs - How long to wait.
 * @returns What it gives; `undefined` where it takes longer. Rejects as it does.
 */
export function within<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve(undefined)
    }, limitMs)
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
    })
  })
}
