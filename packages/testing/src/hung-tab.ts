/** Starts a thread of this origin, as another tab has, and waits for its first message. */
export async function startThread(script: string): Promise<Worker> {
  const thread = new Worker(URL.createObjectURL(new Blob([script])))
  await new Promise((resolve) => {
    thread.onmessage = resolve
  })
  return thread
}

/** A thread that takes a lock and never lets it go, as a tab that hangs does. */
export function holdLock(name: string): Promise<Worker> {
  return startThread(`navigator.locks.request(${JSON.stringify(name)}, () => {
    postMessage('held')
    return new Promise(() => undefined)
  })`)
}
