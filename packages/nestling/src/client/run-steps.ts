import { nextTask } from '../wire/next-task.js'

/** Longest stretch of work on the main thread; 10 ms is our bound, and other work may share a task. */
const SLICE_MS = 4

/**
 * Runs work that comes in steps, and lets the page breathe between slices.
 *
 * @param steps - The work.
 * @returns What the work returns.
 */
export async function runSteps<T>(steps: Generator<undefined, T, undefined>): Promise<T> {
  let started = performance.now()
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    if (performance.now() - started < SLICE_MS) continue
    await nextTask()
    started = performance.now()
  }
}
