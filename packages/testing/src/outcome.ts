/** Longer than any wait for another tab, and shorter than a page's patience. */
const BOUND_MS = 45_000

/** Fails where a call takes so long that it hangs. */
export async function within<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Nothing came within ${BOUND_MS} ms`))
    }, BOUND_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** An error with a code of nestling's: the classes of two bundles are two. */
interface TypedError extends Error {
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>
}

function isTyped(error: unknown): error is TypedError {
  return error instanceof Error && error.name === 'EmbedderError'
}

/** `'done'`, the code of a typed error, or the name of another. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (isTyped(error) ? error.code : error instanceof Error ? error.name : String(error)),
  )
}

/** `'done'`, code and reason of a typed error, or whatever else it failed with; fails where nothing comes. */
export async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return within(work).then(
    () => 'done',
    (error: unknown) => (isTyped(error) ? [error.code, error.details['reason']] : error),
  )
}
