import { callListener } from '@nestling/kit/calls/call-listener'
import { nextTask } from '@nestling/kit/calls/next-task'

/** How long work can be interrupted; every function that takes long takes these. */
export interface LongWorkOptions {
  /**
   * Called between slices of work of about 3 ms; the work goes on when its promise resolves. A worker can look for messages there.
   *
   * @defaultValue waits for the next task, so that a page handles input and draws
   */
  readonly pause?: (() => Promise<void>) | undefined
  /** Ends the work; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Told the share that is done, from 0 to 1; 1 is the last. An exception it throws is reported to the page and never disturbs the call.
   */
  readonly onProgress?: ((share: number) => void) | undefined
}

/** Longest stretch of work: on a main thread 10 ms is our bound, and other work may share a task. */
const SLICE_MS = 3

/** Work that begins so soon after other work is in the same task, as the end of one is what the next waits for. */
const SAME_TASK_MS = 1

/** When the slice of the current task began, and when the clock was last looked at. */
let sliceStart = -Infinity
let lastLook = -Infinity

/** Cuts work into slices, between which others run and an abort is heard. Short calls that follow in one task share its slice. */
export class Slices {
  readonly #pause: () => Promise<void>
  readonly #signal: AbortSignal | undefined
  readonly #onProgress: LongWorkOptions['onProgress']
  #share = 0

  /**
   * Starts the first slice, or goes on in that of the work before.
   *
   * @param options - How to pause and who may end it.
   */
  constructor({ pause = nextTask, signal, onProgress }: LongWorkOptions) {
    signal?.throwIfAborted()
    this.#pause = pause
    this.#signal = signal
    this.#onProgress = onProgress
    const now = performance.now()
    if (now - lastLook > SAME_TASK_MS) sliceStart = now
  }

  /** Whether {@link rest} should be awaited: a promise for every row would cost more than the row. */
  get isOver(): boolean {
    lastLook = performance.now()
    return lastLook - sliceStart >= SLICE_MS
  }

  /**
   * Tells the share that is done.
   *
   * @param share - From 0 to 1.
   * @throws {Error} The signal's reason once it is aborted: nothing is told then.
   */
  tell(share: number): void {
    this.#signal?.throwIfAborted()
    this.#share = share
    callListener(this.#onProgress, share)
  }

  /**
   * Tells that all is done, also of work that had nothing to do.
   *
   * @throws {Error} The signal's reason once it is aborted.
   */
  finish(): void {
    this.#signal?.throwIfAborted()
    if (this.#share < 1) this.tell(1)
  }

  /** Pauses; rejects with the signal's reason once it is aborted. */
  async rest(): Promise<void> {
    await this.#pause()
    this.#signal?.throwIfAborted()
    sliceStart = performance.now()
  }
}
