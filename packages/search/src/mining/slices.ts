import { callListener } from '@nestling/kit/calls/call-listener'
import { beginWork, isSliceOver, pauseWork } from '@nestling/kit/calls/page-slices'

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

/** Cuts work into slices, between which others run and an abort is heard. Short calls that follow in one task share its slice. */
export class Slices {
  readonly #pause: LongWorkOptions['pause']
  readonly #signal: AbortSignal | undefined
  readonly #onProgress: LongWorkOptions['onProgress']
  #share = 0

  /**
   * Starts the first slice, or goes on in that of the work before.
   *
   * @param options - How to pause and who may end it.
   */
  constructor({ pause, signal, onProgress }: LongWorkOptions) {
    signal?.throwIfAborted()
    this.#pause = pause
    this.#signal = signal
    this.#onProgress = onProgress
    beginWork()
  }

  /** Whether {@link rest} should be awaited: a promise for every row would cost more than the row. */
  get isOver(): boolean {
    return isSliceOver()
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
    await pauseWork(this.#pause)
    this.#signal?.throwIfAborted()
  }
}
