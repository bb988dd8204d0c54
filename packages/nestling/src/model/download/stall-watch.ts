/**
 * Milliseconds without a byte after which a server counts as gone. Networks lose packets for seconds and slow proxies think for ten or
 * more before they answer; who waits half a minute for one byte waits for ever.
 */
export const STALL_MS = 30_000

/** So many looks without a byte end a request. */
const LOOKS = 4

/**
 * Ends a request that has gone silent. It looks several times instead of once: where this thread was busy or asleep, bytes that came in
 * the meantime are heard before the next look.
 */
export class StallWatch {
  /** Without a byte for that long a request ends; it may take a quarter more. */
  readonly limitMs: number
  readonly #controller = new AbortController()
  readonly #timer: ReturnType<typeof setInterval>
  #silentLooks = 0

  /**
   * Starts to watch.
   *
   * @param limitMs - Longest silence.
   */
  constructor(limitMs: number = STALL_MS) {
    this.limitMs = limitMs
    this.#timer = setInterval(() => {
      if (++this.#silentLooks > LOOKS) this.#controller.abort(new Error(`No byte came for ${limitMs} ms`))
    }, limitMs / LOOKS)
  }

  /** Ends the request, its body included. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether the silence was too long. */
  get hasStalled(): boolean {
    return this.#controller.signal.aborted
  }

  /** Hears a byte. */
  hear(): void {
    this.#silentLooks = 0
  }

  /** Stops to watch; a request that goes on is not ended any more. */
  stop(): void {
    clearInterval(this.#timer)
  }
}
