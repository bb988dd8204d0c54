/** How a command ended. */
export const EXIT = {
  /** All was done. */
  ok: 0,
  /** It was asked for rightly and did not work out. */
  failed: 1,
  /** It was asked for wrongly; nothing was begun. */
  misuse: 2,
  /** SIGINT or SIGTERM ended it; what is kept can be gone on with. */
  interrupted: 130,
} as const

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Reports why a command ended early, in words for whoever typed it. */
export class CliError extends Error {
  /** Names the class in logs. */
  override readonly name = 'CliError'
  /** What the process ends with. */
  readonly exitCode: ExitCode

  /**
   * Creates an error that is shown as it is.
   *
   * @param message - What was wrong; after a line break, what to do.
   * @param cause - The error that led to this one.
   */
  constructor(message: string, exitCode: ExitCode = EXIT.failed, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
  }
}
