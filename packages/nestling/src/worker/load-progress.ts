import type { DownloadTotals } from '../model/download-progress.js'
import type { ProgressEvent, ProgressListener } from '../wire/progress.js'

/** Where each phase of a load ends on the scale of the whole: downloads take longest on a first visit. */
const PHASE_END = { download: 0.8, compile: 0.95, 'warm-up': 0.99, ready: 1 } as const

/** Turns what happens during a load into one stream whose `fraction` never falls. */
export class LoadProgress {
  readonly #listener: ProgressListener
  #fraction = 0

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
    const { loadedBytes, totalBytes } = totals
    const share = totalBytes === undefined || totalBytes === 0 ? 0 : loadedBytes / totalBytes
    const bytes = totalBytes === undefined ? { loadedBytes } : { loadedBytes, totalBytes }
    this.#report('download', share * PHASE_END.download, bytes)
  }

  /**
   * Reports that a phase begins, or with `ready` that the load is done.
   *
   * @param phase - The phase.
   */
  begin(phase: 'compile' | 'warm-up' | 'ready'): void {
    const start = { compile: PHASE_END.download, 'warm-up': PHASE_END.compile, ready: PHASE_END.ready }
    this.#report(phase, start[phase])
  }

  #report(phase: ProgressEvent['phase'], fraction: number, more: Partial<ProgressEvent> = {}): void {
    this.#fraction = Math.max(this.#fraction, fraction)
    this.#listener({ phase, fraction: this.#fraction, ...more })
  }
}
