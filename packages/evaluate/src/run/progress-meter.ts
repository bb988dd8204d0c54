import { callListener } from '@nestling/kit/calls/call-listener'

/** How far an evaluation is. `fraction` runs from 0 to 1 and never falls. */
export interface EvaluationProgress {
  /** `encode` makes embeddings, `score` compares them. */
  readonly phase: 'encode' | 'score'
  /** Share of the whole call that is done, 0 to 1. */
  readonly fraction: number
}

/** Receives progress. An exception it throws is reported to the page and never disturbs the call. */
export type EvaluationProgressListener = (event: EvaluationProgress) => void

/** Share of `encode`: the model takes nearly all of the time, whatever it is. */
const ENCODE_SHARE = 0.9

/** Turns counts of texts and of comparisons into one fraction that never falls. */
export class ProgressMeter {
  readonly #listener: EvaluationProgressListener | undefined
  readonly #textCount: number
  #encodedCount = 0
  #fraction = 0
  #isOver = false

  /**
   * Starts at 0.
   *
   * @param listener - Whom to tell.
   * @param textCount - Texts that will be encoded.
   */
  constructor(listener: EvaluationProgressListener | undefined, textCount: number) {
    this.#listener = listener
    this.#textCount = textCount
  }

  /**
   * Tells how far the running call of `encode` is.
   *
   * @param fraction - From 0 to 1.
   * @param count - Texts of the call.
   */
  encoding(fraction: number, count: number): void {
    this.#report('encode', (ENCODE_SHARE * (this.#encodedCount + fraction * count)) / this.#textCount)
  }

  /**
   * Tells that a call of `encode` is done.
   *
   * @param count - Its texts.
   */
  encoded(count: number): void {
    this.encoding(1, count)
    this.#encodedCount += count
  }

  /**
   * Tells how far the comparisons are, those of texts that are still to be encoded included.
   *
   * @param fraction - From 0 to 1.
   */
  scored(fraction: number): void {
    const encoded = (ENCODE_SHARE * this.#encodedCount) / this.#textCount
    this.#report('score', encoded + (1 - ENCODE_SHARE) * fraction)
  }

  /** Tells that all is done. */
  finish(): void {
    this.#report('score', 1)
    this.end()
  }

  /** Tells nothing any more: an embedder may go on after its call has ended. */
  end(): void {
    this.#isOver = true
  }

  #report(phase: EvaluationProgress['phase'], fraction: number): void {
    if (this.#isOver) return
    // Whatever an embedder of somebody else calls a fraction.
    if (fraction > this.#fraction) this.#fraction = Math.min(fraction, 1)
    callListener(this.#listener, { phase, fraction: this.#fraction })
  }
}
