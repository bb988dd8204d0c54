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
 * @param memoryId - Which memory.
 * @param count - Slots that there are.
 * @returns The slot.
 * @throws {EmbedderError} `out-of-memory` if all are taken.
 */
export async function claimSlot(memoryId: string, count: number): Promise<Slot> {
  for (let index = 0; index < count; index++) {
    const release = await tryLock(`nestling-scratch ${memoryId} ${index}`)
    if (release !== undefined) return { index, release }
  }
  throw new EmbedderError('out-of-memory', 'Cannot share weights as every place to compute in is taken', {
    details: { places: count },
  })
}

/** Takes a lock if it is free, and gives what ends it. */
function tryLock(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) {
        resolve(undefined)
        return undefined
      }
      return new Promise<void>((release) => {
        resolve(release)
      })
    })
    held.catch(reject)
  })
}
