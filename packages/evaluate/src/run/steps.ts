import { nextTask } from '@nestling/kit/calls/next-task'

/** Work that stops now and then, each time after about half a millisecond, and returns its result in the end. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Longest stretch of work on the main thread; 10 ms is our bound, and other work may share a task. */
const SLICE_MS = 3

/** When the page breathed last. One for all runs: an evaluation has dozens, each too short to stop, and their sum is not. */
let sliceStart = -Infinity

/**
 * Runs work in slices, between which the page breathes and an abort is heard.
 *
 * @param steps - The work.
 * @param signal - Ends it.
 * @returns What the work returns. On an abort it rejects with the signal's reason.
 */
export async function runSteps<T>(steps: Steps<T>, signal: AbortSignal | undefined): Promise<T> {
  for (;;) {
    if (performance.now() - sliceStart >= SLICE_MS) {
      await nextTask()
      sliceStart = performance.now()
    }
    signal?.throwIfAborted()
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/**
 * Runs work at once, for those who give little of it.
 *
 * @param steps - The work.
 * @returns What the work returns.
 */
export function finishSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
