import { COMMIT_MS, FULL_DISK } from '@nestling/kit/records/record-files.node'
import { failure } from '../wire/failure.js'

/**
 * Turns what the file system throws into a typed error.
 *
 * @param folder - Of the index.
 * @returns The error, to be thrown: `quota-exceeded` where there was no room, else `store-unavailable`; what others threw is given back as it is.
 */
export function toFilesFailure(error: unknown, folder: string): Error {
  const { code, message, name } = error as NodeJS.ErrnoException
  if (name === 'TimeoutError') {
    return unavailable(`another process has been writing to ${folder} for ${COMMIT_MS / 1000} s`, error, 'timeout')
  }
  // What does not come from the file system, such as that another precision is stored.
  if (code === undefined || name === 'EmbedderError') return error as Error
  if (!FULL_DISK.includes(code)) return unavailable(message, error, code)
  return failure(
    'quota-exceeded',
    `Cannot store more of the index as the disk of ${folder} has no room for it\nFree disk space, or say by the option store where there is room; what was stored before is whole`,
    { cause: error, details: { reason: code } },
  )
}

/**
 * Makes the error of an index whose folder cannot be used.
 *
 * @param says - Why, in words.
 * @param reason - The same as a name.
 */
export function unavailable(says: string, cause: unknown, reason: string): Error {
  return failure(
    'store-unavailable',
    `Cannot use the stored index as ${says}\nSay by the option store or by NESTLING_CACHE which folder may be read and written`,
    { cause, details: { reason } },
  )
}
