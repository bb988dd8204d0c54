import { nextTask } from './next-task.js'

/** Work that stops now and then, each time after about half a millisecond, and returns its result in the end. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Longest stretch of work on the main thread; 10 ms is our bound, and other work may share a task. */
const SLICE_MS = 4

/**
 * Runs work in slices, between which the page breathes and an abort is heard.
 *
 * @param steps - The work.
 * @param signal - Ends it.
 * @returns What the work returns. On an abort it rejects with the signal's reason.
 */
export async function runSteps<T>(steps: Steps<T>, signal: AbortSignal | undefined): Promise<T> {
  let started = performance.now()
  for (;;) {
    signal?.throwIfAborted()
    const step = steps.next()
    if (step.done === true) return step.value
    if (performance.now() - started < SLICE_MS) continue
    await nextTask()
    started = performance.now()
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
