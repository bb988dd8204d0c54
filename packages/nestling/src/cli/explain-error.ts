import { CliError, EXIT, type ExitCode } from './cli-error.js'

/** What is shown of a failure, and how the process ends. */
export interface Explanation {
  readonly text: string
  readonly exitCode: ExitCode
}

/** How our own messages about misuse begin, and no engine's. */
const MISUSE = /^Cannot [^\n]* as /

/**
 * Puts a failure into words for whoever typed the command.
 *
 * @param error - Anything that was thrown.
 */
export function explainError(error: unknown): Explanation {
  if (error instanceof CliError) return { text: error.message, exitCode: error.exitCode }
  if (!(error instanceof Error)) return { text: String(error), exitCode: EXIT.failed }
  // What the library says of wrong options.
  const isMisuse = (error instanceof TypeError || error instanceof RangeError) && MISUSE.test(error.message)
  if (isMisuse) return { text: error.message, exitCode: EXIT.misuse }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const isKnown = ['EmbedderError', 'CopyAssetsError'].includes(error.name) && code !== undefined
  if (isKnown) return { text: `${code}: ${error.message}`, exitCode: EXIT.failed }
  if (code !== undefined) return { text: error.message, exitCode: EXIT.failed }
  return { text: `Cannot go on as nestling made a mistake: ${error.stack ?? error.message}`, exitCode: EXIT.failed }
}

/** Why the system refused a file, by its code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EISDIR: 'it is a folder',
  EEXIST: 'a file stands in the place of a folder',
  ENOTDIR: 'a file stands in the place of a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the disk takes no larger file',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many files are open',
}

/**
 * Says why the system refused a file.
 *
 * @param error - What `node:fs` threw.
 */
export function fileFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error))
}

/**
 * Tells whether a failure is of a full disk.
 *
 * @param error - What `node:fs` threw.
 */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(error.code))
}
