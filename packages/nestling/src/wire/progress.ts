/**
 * One event of the stream that `load` and `encode` report. `fraction` runs from 0 to 1 and never falls, so it can drive a
 * progress bar as it is.
 */
export interface ProgressEvent {
  /**
   * What is going on: `wait` waits for another tab that is writing the same model to the store, `download` counts bytes, `compile` builds
   * the session, `warm-up` is a first run with real shapes, `ready` ends a load, `encode` counts texts.
   */
  readonly phase: 'wait' | 'download' | 'compile' | 'warm-up' | 'ready' | 'encode'
  /** Share of the whole call that is done, 0 to 1. */
  readonly fraction: number
  /** Bytes of weights and tokenizer that have arrived (phase `download`). */
  readonly loadedBytes?: number
  /** Their bytes in all (phase `download`); absent, and `fraction` waits, until servers have said how long each is. It stays once told. */
  readonly totalBytes?: number
  /** Texts that are done (phase `encode`). */
  readonly done?: number
  /** Texts in all (phase `encode`). */
  readonly total?: number
}

/** Receives progress. An exception it throws is reported to the page and never disturbs the call. */
export type ProgressListener = (event: ProgressEvent) => void
