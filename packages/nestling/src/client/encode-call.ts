import type { EncodeRequest } from '../wire/protocol.js'
import { untilAborted } from './abort.js'
import { callListener } from './call-listener.js'
import type { ResolvedEncodeOptions } from './encode-options.js'
import type { Portion } from './portions.js'

/** One call of `encode` while it runs: its options and how far it is. */
export class EncodeCall {
  static #lastId = 0
  readonly #total: number
  readonly #options: ResolvedEncodeOptions
  /** Texts of portions that are complete. */
  #completed = 0
  #reported = 0

  /**
   * Starts a call.
   *
   * @param total - Texts in all.
   * @param options - Its options.
   */
  constructor(total: number, options: ResolvedEncodeOptions) {
    this.#total = total
    this.#options = options
  }

  /**
   * Makes an id by which the host knows one portion.
   *
   * @returns An id that no other portion has.
   */
  static nextId(): number {
    return ++EncodeCall.#lastId
  }

  /**
   * Writes the request for one portion.
   *
   * @param id - The portion's id.
   * @param portion - Its texts.
   * @returns The request.
   */
  requestOf(id: number, portion: Portion): EncodeRequest {
    const { prompt, truncateDim, normalize, batchSize } = this.#options
    return { id, texts: portion.texts, prompt, truncateDim, normalize, batchSize }
  }

  /**
   * Watches the caller's signal.
   *
   * @param promise - Work in progress.
   * @param onAbort - Told to end it.
   * @returns Settles like `promise`, or rejects with the signal's reason.
   */
  untilAborted<T>(promise: Promise<T>, onAbort: () => void): Promise<T> {
    return untilAborted(promise, this.#options.signal, onAbort)
  }

  /**
   * Reports texts of the portion that runs.
   *
   * @param done - How many of its texts are done.
   */
  portionDone(done: number): void {
    this.#report(this.#completed + done)
  }

  /**
   * Counts a portion that is complete.
   *
   * @param texts - How many texts it had.
   */
  portionEnds(texts: number): void {
    this.#completed += texts
    this.#report(this.#completed)
  }

  /** Reports that all is done; the only event of a call without texts. */
  finish(): void {
    if (this.#total === 0) this.#tell(0, 1)
  }

  /** Events come on another port than results and may be late: what would fall back is dropped. */
  #report(done: number): void {
    if (done <= this.#reported) return
    this.#reported = done
    this.#tell(done, done / this.#total)
  }

  #tell(done: number, fraction: number): void {
    callListener(this.#options.onProgress, { phase: 'encode', fraction, done, total: this.#total })
  }
}
