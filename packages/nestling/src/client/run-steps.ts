import { nextTask } from '@nestling/kit/calls/next-task'

/** Longest stretch of work on the main thread; 10 ms is our bound, and other work may share a task. */
const SLICE_MS = 3

/** Work that begins so soon after other work is in the same task, as the end of one is what the next waits for. */
const SAME_TASK_MS = 1

/** When the slice of the current task began, and when it was last at work. */
let sliceStart = -Infinity
let sliceEnd = -Infinity

/**
 * Runs work that comes in steps, and lets the page breathe between slices. What follows in the same task shares its slice.
 *
 * @param steps - The work.
 * @returns What the work returns.
 */
export async function runSteps<T>(steps: Generator<undefined, T, undefined>): Promise<T> {
  const now = performance.now()
  if (now - sliceEnd > SAME_TASK_MS) sliceStart = now
  for (;;) {
    if (performance.now() - sliceStart >= SLICE_MS) {
      await nextTask()
      sliceStart = performance.now()
    }
    const step = steps.next()
    sliceEnd = performance.now()
    if (step.done === true) return step.value
  }
}
