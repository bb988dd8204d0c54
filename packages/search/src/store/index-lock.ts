import { failure } from '../wire/failure.js'
import { takeLockWithin, type LockWait } from '@nestling/kit/locks/web-locks'

/** A change is one transaction, and rewriting an index a few seconds: whoever holds the lock for longer hangs, or was put to sleep. */
const WAIT_MS = 20_000

/** Who else may have an index open, and what to do about them, in words. */
interface Others {
  readonly one: string
  readonly advice: string
}

const TABS: Others = { one: 'another tab', advice: 'Close other tabs of this site' }

/** On Node. */
export const PROCESSES: Others = { one: 'another process', advice: 'End the other process' }

/**
 * The right to change a stored index, which one tab, or one process, has at a time. It saves work and no more: a change that was made for
 * another state of the index is refused by the store.
 */
export class IndexLock {
  readonly #name: string
  readonly #others: Others
  /** Calls of this worker, one after another, so that none of them counts as another tab's. */
  #last: Promise<unknown> = Promise.resolve()
  #gaveUpMs = -Infinity

  /** Prepares; nothing is asked for yet. */
  constructor(name: string, others: Others = TABS) {
    this.#name = name
    this.#others = others
  }

  /**
   * Does work while no other tab changes the index. Without Web Locks it is done at once.
   *
   * @param turn - How to wait; an abort ends the wait alone, and work that has begun goes on.
   * @returns What it gives.
   * @throws {EmbedderError} `store-unavailable` if another tab does not let it in. On an abort of the wait, the signal's reason.
   */
  run<T>(work: () => Promise<T>, turn: LockWait = {}): Promise<T> {
    const { signal } = turn
    const calledMs = performance.now()
    return new Promise<T>((resolve, reject) => {
      // At once, also where an earlier call of this worker is waited for.
      const abort = (): void => {
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', abort)
      const begin = (): Promise<T> => {
        signal?.throwIfAborted()
        signal?.removeEventListener('abort', abort)
        return work()
      }
      const done = this.#last.then(() => this.#alone(begin, calledMs, turn))
      this.#last = done.catch(() => undefined)
      done.then(resolve, reject).finally(() => {
        signal?.removeEventListener('abort', abort)
      })
    })
  }

  async #alone<T>(work: () => Promise<T>, calledMs: number, turn: LockWait): Promise<T> {
    // Those that were called while an earlier one waited in vain have waited with it.
    const waitMs = calledMs < this.#gaveUpMs ? 0 : WAIT_MS
    const release = await takeLockWithin(this.#name, waitMs, turn)
    if (release === undefined) {
      this.#gaveUpMs = performance.now()
      throw isTaken(this.#name, this.#others)
    }
    try {
      return await work()
    } finally {
      release()
    }
  }
}

function isTaken(name: string, { one, advice }: Others): Error {
  return failure(
    'store-unavailable',
    `Cannot change the stored index as ${one} must let it go: current value is ${name}, held for more than ${WAIT_MS / 1000} s\n${advice}, or call again later; the index is as it was, and can be searched`,
    { details: { reason: 'locked', lock: name } },
  )
}
