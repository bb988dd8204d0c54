import { nextTask } from './next-task.js'

/** Longest stretch of work: on a main thread 10 ms is our bound, and other work may share a task. */
const SLICE_MS = 3

/** Work that begins so soon after other work is in the same task, as the end of one is what the next waits for. */
const SAME_TASK_MS = 1

/** When the slice of the current task began, and when it was last at work. */
interface SliceTimes {
  beganMs: number
  workedMs: number
}

const KEY = Symbol.for('nestling.slices')

/** One for all bundles of a thread: two that share a task, each with a clock of its own, would hold the page up for the sum. */
function times(): SliceTimes {
  const shared = globalThis as unknown as Record<typeof KEY, SliceTimes | undefined>
  return (shared[KEY] ??= { beganMs: -Infinity, workedMs: -Infinity })
}

/** Says that work begins. What follows other work in the same task shares its slice. */
export function beginWork(): void {
  const now = performance.now()
  const slice = times()
  if (now - slice.workedMs > SAME_TASK_MS) slice.beganMs = now
  slice.workedMs = now
}

/** Tells work that is going on whether it should {@link pauseWork}. */
export function isSliceOver(): boolean {
  const slice = times()
  slice.workedMs = performance.now()
  return slice.workedMs - slice.beganMs >= SLICE_MS
}

/**
 * Ends the slice, and begins another one when others have run.
 *
 * @param pause - Lets them.
 */
export async function pauseWork(pause: () => Promise<void> = nextTask): Promise<void> {
  await pause()
  times().workedMs = -Infinity
  beginWork()
}
