/** Every `code` an {@link EmbedderError} can have; each is also an anchor of the error reference in the documentation. */
export const ERROR_CODES = [
  'environment-unsupported',
  'webgpu-unavailable',
  'device-lost',
  'out-of-memory',
  'worker-crashed',
  'worker-unresponsive',
  'run-failed',
  'model-not-found',
  'model-unauthorized',
  'model-rate-limited',
  'model-fetch-failed',
  'model-invalid',
  'model-unsupported',
  'weights-missing',
  'integrity-mismatch',
  'verification-failed',
  'text-too-long',
  'space-mismatch',
  'store-unavailable',
  'quota-exceeded',
  'index-corrupt',
  'disposed',
] as const

/** One of {@link ERROR_CODES}. */
export type EmbedderErrorCode = (typeof ERROR_CODES)[number]

/** Facts about a failure that survive a structured clone: file names, sizes, HTTP statuses. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/** What an {@link EmbedderError} may carry beside its code and message. */
export interface EmbedderErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown
  /** Facts about the failure, safe to log: never a token, never a text to embed. */
  readonly details?: ErrorDetails
}

/**
 * Reports every failure that is neither misuse (`TypeError`, `RangeError`) nor an abort (`signal.reason`).
 *
 * One class with many codes: branch on `error.code`, or on {@link isEmbedderError} where errors cross realms.
 */
export class EmbedderError extends Error {
  /** Names the class in logs and across realms. */
  override readonly name = 'EmbedderError'
  /** Says what failed; a closed list. */
  readonly code: EmbedderErrorCode
  /** Facts about the failure. */
  readonly details: ErrorDetails

  /**
   * Creates an error with a code.
   *
   * @param code - What failed.
   * @param message - What was wrong, what was expected and what to do.
   * @param options - Cause and details.
   */
  constructor(code: EmbedderErrorCode, message: string, options: EmbedderErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}

/**
 * Tells whether a caught value is an {@link EmbedderError}, and of which code; works for errors of another realm.
 *
 * @param error - Anything that was caught.
 * @param code - The code to ask for; any code when left out.
 * @returns `true` when it is one.
 */
export function isEmbedderError(error: unknown, code?: EmbedderErrorCode): error is EmbedderError {
  if (!(error instanceof Error) || error.name !== 'EmbedderError' || !('code' in error)) return false
  const isKnown = (ERROR_CODES as readonly unknown[]).includes(error.code)
  return isKnown && (code === undefined || error.code === code)
}
