import { webLocks } from './model-lock.js'

/** Whoever writes has bounds of its own; one that takes longer hangs. */
const WAIT_MS = 10_000

/**
 * Does work while no other worker and no other tab writes vectors of a partition. Without Web Locks it is done at once.
 *
 * @param partition - Id of the partition.
 * @param work - The work; it is told whether it is alone. Where others do not let it in, it must not touch what is there.
 * @returns When the work is done.
 */
export async function withPartitionLock(partition: string, work: (isAlone: boolean) => Promise<void>): Promise<void> {
  const locks = webLocks()
  if (locks === undefined) return work(true)
  let begun: Promise<void> | undefined
  try {
    await locks.request(`nestling:embeddings:${partition}`, { signal: AbortSignal.timeout(WAIT_MS) }, () => {
      begun = work(true)
      return begun
    })
  } catch {
    await (begun ?? work(false))
  }
}
