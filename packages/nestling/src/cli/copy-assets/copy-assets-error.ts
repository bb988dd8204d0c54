/** What kept `copy-assets` from copying. */
export type CopyAssetsErrorCode = 'package-not-found' | 'package-invalid' | 'package-damaged' | 'target-unusable'

/** Reports why nothing was copied: when it is thrown, the target holds what it held before. */
export class CopyAssetsError extends Error {
  /** Names the class in logs. */
  override readonly name = 'CopyAssetsError'
  /** Says what failed; a closed list. */
  readonly code: CopyAssetsErrorCode

  /**
   * Creates an error with a code.
   *
   * @param code - What failed.
   * @param message - What was wrong and what to do.
   * @param cause - The error that led to this one.
   */
  constructor(code: CopyAssetsErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
