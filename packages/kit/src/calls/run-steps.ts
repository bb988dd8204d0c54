import { beginWork, isSliceOver, pauseWork } from './page-slices.js'

/** Work that stops now and then, each time after about half a millisecond, and returns its result in the end. */
export type Steps<T> = Generator<undefined, T, undefined>

/**
 * Runs work in slices, between which the page breathes and an abort is heard. What follows in the same task shares its slice.
 *
 * @returns What the work returns. On an abort it rejects with the signal's reason.
 */
export async function runSteps<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  beginWork()
  for (;;) {
    if (isSliceOver()) await pauseWork()
    signal?.throwIfAborted()
    const step = steps.next()
    if (step.done !== true) continue
    // The time of the last step counts too.
    isSliceOver()
    return step.value
  }
}

/** Runs work at once, for those who give little of it. */
export function finishSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
