import type { DownloadTotals } from '../model/download/download-progress.js'
import type { ProgressEvent, ProgressListener } from '../wire/progress.js'

/** Where phases of a load start on the scale of the whole: downloads take longest on a first visit. */
const PHASE_START = { compile: 0.8, 'warm-up': 0.95 } as const

/**
 * Turns what happens during a load into one stream whose `fraction` never falls, and stays where it is while nobody knows how long a
 * download is. That it is done is for the page to say.
 */
export class LoadProgress {
  readonly #listener: ProgressListener
  #fraction = 0
  #totalBytes: number | undefined

  /**
   * Starts at 0.
   *
   * @param listener - Receives the events.
   */
  constructor(listener: ProgressListener) {
    this.#listener = listener
  }

  /**
   * Reports bytes.
   *
   * @param totals - Bytes of all files so far.
   */
  download(totals: DownloadTotals): void {
    // What another tab told of the same download goes on in this one.
    this.#totalBytes ??= totals.totalBytes
    const totalBytes = this.#totalBytes
    const loadedBytes = Math.min(totals.loadedBytes, totalBytes ?? Infinity)
    const share = totalBytes === undefined || totalBytes === 0 ? 0 : loadedBytes / totalBytes
    const bytes = totalBytes === undefined ? { loadedBytes } : { loadedBytes, totalBytes }
    this.#report('download', share * PHASE_START.compile, bytes)
  }

  /** Reports that another tab is waited for. */
  wait(): void {
    this.#report('wait', 0)
  }

  /** Reports that a phase begins. */
  begin(phase: 'compile' | 'warm-up'): void {
    this.#report(phase, PHASE_START[phase])
  }

  #report(phase: ProgressEvent['phase'], fraction: number, more: Partial<ProgressEvent> = {}): void {
    this.#fraction = Math.max(this.#fraction, fraction)
    this.#listener({ phase, fraction: this.#fraction, ...more })
  }
}
