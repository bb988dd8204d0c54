/** A timer that fires later than this was held up together with the messages that it waits for. */
const LATE_MS = 1000

/** Notices that something has been silent for too long. */
export class Watchdog {
  readonly #onSilence: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  /**
   * Starts asleep.
   *
   * @param onSilence - Told once for each {@link Watchdog.watch} that runs out.
   */
  constructor(onSilence: () => void) {
    this.#onSilence = onSilence
  }

  /**
   * Waits from now on; a call before the time is over starts it again.
   *
   * @param limitMs - How long silence may last.
   */
  watch(limitMs: number): void {
    this.stop()
    const dueMs = performance.now() + limitMs
    this.#timer = setTimeout(() => {
      // The page slept or was busy. What is waited for may have been, too, or is still to be heard.
      if (performance.now() - dueMs > LATE_MS) this.watch(limitMs)
      else this.#onSilence()
    }, limitMs)
  }

  /** Stops waiting. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}
