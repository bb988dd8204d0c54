/** What a query runs through. */
export interface NewestQueryOptions {
  /** Quiet time after the last keystroke before a query runs, in milliseconds. */
  readonly pauseMs: number
  readonly run: (query: string, signal: AbortSignal) => Promise<void>
  /** Receives what `run` rejects with, unless the query was replaced meanwhile. */
  readonly onFailure: (error: unknown) => void
}

/** Runs queries so that only the newest one counts. */
export interface NewestQuery {
  /** Replaces the query that waits or runs. */
  submit(query: string): void
  /** Gives up the query that waits or runs. */
  cancel(): void
}

/**
 * Creates a runner that waits for a pause in the typing and aborts the older query as soon as a newer one is typed.
 *
 * @param options - Pause, what to run and where failures go.
 */
export function createNewestQuery({ pauseMs, run, onFailure }: NewestQueryOptions): NewestQuery {
  let timer: ReturnType<typeof setTimeout> | undefined
  let current = new AbortController()

  function cancel(): void {
    clearTimeout(timer)
    current.abort()
  }

  return {
    submit(query) {
      cancel()
      current = new AbortController()
      const { signal } = current
      timer = setTimeout(() => {
        run(query, signal).catch((error: unknown) => {
          if (!signal.aborted) onFailure(error)
        })
      }, pauseMs)
    },
    cancel,
  }
}
