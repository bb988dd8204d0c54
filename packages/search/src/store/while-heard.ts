import { failure } from '../wire/failure.js'

/** A disk answers in milliseconds. A transaction that waits for one of another tab waits for seconds; for one of a tab that hangs, for ever. */
const SILENCE_MS = 20_000

/** What work on the database gets to say that it goes on, and to hear that it is given up. */
export interface Watched {
  /** To be called with each answer of the database; `false` where it was given up before, and whoever wants it has begun anew. */
  readonly heard: () => boolean
  /** Aborts when it is given up: what was not written by then must never be. */
  readonly signal: AbortSignal
}

/**
 * Does work on the database, as long as the database answers.
 *
 * @param silenceMs - How long may pass between two answers.
 * @returns What it gives.
 * @throws {EmbedderError} `store-unavailable` where the database is silent for longer.
 */
export function whileHeard<T>(work: (watched: Watched) => Promise<T>, silenceMs: number = SILENCE_MS): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const heard = (): boolean => {
      clearTimeout(timer)
      if (giveUp.signal.aborted) return false
      timer = setTimeout(() => {
        giveUp.abort()
        reject(silent(silenceMs))
      }, silenceMs)
      return true
    }
    heard()
    work({ heard, signal: giveUp.signal })
      .then(resolve, reject)
      .finally(() => {
        giveUp.abort()
        clearTimeout(timer)
      })
  })
}

function silent(silenceMs: number): Error {
  return failure(
    'store-unavailable',
    `Cannot use the stored index as the browser must answer: current value is no answer for ${silenceMs / 1000} s\nClose other tabs of this site, or call again later`,
    { details: { reason: 'timeout' } },
  )
}
