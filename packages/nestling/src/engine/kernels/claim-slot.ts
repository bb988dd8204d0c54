import { isTaken } from '@nestling/kit/locks/life-lock'
import { tryLock, webLocks } from '@nestling/kit/locks/web-locks'
import { EmbedderError } from '../../wire/embedder-error.js'

/** A place in the table of rooms that one worker has to itself. */
export interface Slot {
  readonly index: number
  /** Lets another worker have it. The worker's end does so too. */
  readonly release: () => void
}

/** Claims one of `count` slots of a memory; rejects where all are taken. */
export type ClaimSlot = (memoryId: string, count: number) => Promise<Slot>

/**
 * Claims the first free slot, with a Web Lock that this worker holds until it ends.
 *
 * A page cannot tell when a worker that it terminated has ended: Chromium lets it run for up to 2 s. Only its lock says that it will
 * write nothing more.
 *
 * @param count - Slots that there are.
 * @throws {EmbedderError} `out-of-memory` if all are taken, `environment-unsupported` if there are no locks here.
 */
export async function claimSlot(memoryId: string, count: number): Promise<Slot> {
  const locks = webLocks()
  if (locks === undefined) throw withoutLocks(undefined)
  for (let index = 0; index < count; index++) {
    const release = await tryLock(locks, `nestling-scratch ${memoryId} ${index}`).catch((cause: unknown) => {
      throw withoutLocks(cause)
    })
    if (release !== undefined) return { index, release }
  }
  throw new EmbedderError('out-of-memory', 'Cannot share weights as every place to compute in is taken', {
    details: { places: count },
  })
}

/** A lock that a page holds, so that its workers find out whether they see the same locks as the page and those that it has. */
export interface Witness {
  readonly name: string
  readonly release: () => void
}

/**
 * Takes such a lock.
 *
 * @returns The lock, held; `undefined` where there are no locks here.
 */
export async function takeWitness(): Promise<Witness | undefined> {
  const locks = webLocks()
  const name = `nestling-scratch page ${crypto.randomUUID()}`
  const release = locks === undefined ? undefined : await tryLock(locks, name).catch(() => undefined)
  return release === undefined ? undefined : { name, release }
}

/**
 * Makes sure that this worker sees the locks of others: after the user has deleted the site's data, workers that a page starts in Chromium
 * have other locks than those it has already, and a slot that looks free may be another worker's.
 *
 * @param name - Lock that the page holds.
 * @throws {EmbedderError} `environment-unsupported` if it is not seen.
 */
export async function checkWitness(name: string): Promise<void> {
  if (!(await isTaken(name))) throw withoutLocks(undefined)
}

function withoutLocks(cause: unknown): EmbedderError {
  return new EmbedderError(
    'environment-unsupported',
    'Cannot share weights as the browser gives this page no Web Locks\nServe the page over HTTPS, and in frames with an origin of their own',
    { cause },
  )
}
