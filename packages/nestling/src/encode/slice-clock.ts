/** What the slices that are under way should take: an abort or a query waits no longer than this for the engine. */
const SLICE_MS = 100

/** Tokens of a batch beyond which no device runs faster, but memory grows (measured on MiniLM: WASM from 512 on). */
const MAX_TOKENS = { wasm: 512, webgpu: 8192 } as const

/** Before anything was measured; too slow rather than too fast, as the first slices correct it. */
const FIRST_MS_PER_TOKEN = 1

/** Share of the newest measurement: a browser that is busy for a moment must not shrink slices for long. */
const NEWEST_SHARE = 0.3

/** Predicts how long batches take, and so how large they may be. */
export class SliceClock {
  readonly #maxTokens: number
  readonly #sliceMs: number
  #msPerToken = FIRST_MS_PER_TOKEN
  #isMeasured = false

  /**
   * Starts without a measurement.
   *
   * @param device - Where batches run.
   * @param concurrency - Batches that run one behind the other before anything else is heard of.
   */
  constructor(device: keyof typeof MAX_TOKENS, concurrency = 1) {
    this.#maxTokens = MAX_TOKENS[device]
    this.#sliceMs = SLICE_MS / concurrency
  }

  /** Most tokens of the next batch, padding included; a single text may exceed it. */
  get tokenBudget(): number {
    return Math.min(this.#maxTokens, Math.max(1, Math.floor(this.#sliceMs / this.#msPerToken)))
  }

  /**
   * Predicts a batch.
   *
   * @param tokens - Its tokens, padding included.
   * @returns Milliseconds.
   */
  predictMs(tokens: number): number {
    return tokens * this.#msPerToken
  }

  /**
   * Learns from a batch that ran.
   *
   * @param tokens - Its tokens, padding included.
   * @param ms - Milliseconds that it took.
   */
  record(tokens: number, ms: number): void {
    // A clock of a few bits (some browsers round to 1 ms or more) must not make slices infinite.
    const measured = Math.max(ms, 0.1) / tokens
    this.#msPerToken = this.#isMeasured ? this.#msPerToken + NEWEST_SHARE * (measured - this.#msPerToken) : measured
    this.#isMeasured = true
  }
}
