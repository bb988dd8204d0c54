import { takeLockWithin } from '@nestling/kit/locks/web-locks'

/** Whoever writes has bounds of its own; one that takes longer hangs. */
const WAIT_MS = 10_000

/**
 * The right to write vectors of a partition, which one worker has at a time.
 *
 * Who was waited for in vain is not waited for again as long as it has the lock: a list of many blocks would wait for each of them.
 */
export class PartitionLock {
  readonly #name: string
  readonly #waitMs: number
  #isHeldForLong = false

  /**
   * Prepares; nothing is asked for yet.
   *
   * @param partition - Id of the partition.
   * @param waitMs - How long to wait for another worker.
   */
  constructor(partition: string, waitMs: number = WAIT_MS) {
    this.#name = `nestling:embeddings:${partition}`
    this.#waitMs = waitMs
  }

  /**
   * Does work while no other worker and no other tab writes vectors of the partition. Without Web Locks it is done at once.
   *
   * @param work - The work; it is told whether it is alone. Where others do not let it in, it must not touch what is there.
   * @returns When the work is done.
   */
  async run(work: (isAlone: boolean) => Promise<void>): Promise<void> {
    const release = await takeLockWithin(this.#name, this.#isHeldForLong ? 0 : this.#waitMs)
    this.#isHeldForLong = release === undefined
    try {
      await work(release !== undefined)
    } finally {
      release?.()
    }
  }
}
