import { createReadStream } from 'node:fs'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../explain-error.js'

/** Longest line, and longest record of CSV: what is longer is no text to embed, but a file of another kind. */
export const MOST_BYTES: number = 16 * 2 ** 20

const NEW_LINE = 0x0a

/** Name of the standard input. */
export const STANDARD_INPUT = '-'

/** A stream of bytes with a name for messages. */
export interface ByteSource {
  readonly name: string
  readonly stream: Readable
}

/**
 * Opens a file, or the standard input. What keeps it from being read shows with the first byte.
 *
 * @param path - The file, or `-`.
 */
export function openSource(path: string): ByteSource {
  if (path === STANDARD_INPUT) return { name: 'the standard input', stream: process.stdin }
  return { name: path, stream: createReadStream(path) }
}

/**
 * Reads line by line. Only what is asked for is read.
 *
 * @yields {Buffer} Bytes of each line, without the line feed. A file that ends with one has no empty line after it.
 * @throws {CliError} If it cannot be read, or a line is longer than {@link MOST_BYTES}.
 */
export async function* byteLines({ name, stream }: ByteSource): AsyncGenerator<Buffer, void, undefined> {
  const rest: Buffer[] = []
  let restBytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let start = 0
      for (let end = chunk.indexOf(NEW_LINE); end !== -1; end = chunk.indexOf(NEW_LINE, start)) {
        yield Buffer.concat([...rest.splice(0), chunk.subarray(start, end)])
        restBytes = 0
        start = end + 1
      }
      if (start === chunk.length) continue
      rest.push(chunk.subarray(start))
      restBytes += chunk.length - start
      if (restBytes > MOST_BYTES) throw tooLong(name)
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(`Cannot read ${name} as ${fileFailure(error)}`, undefined, error)
  }
  if (restBytes > 0) yield Buffer.concat(rest)
}

function tooLong(name: string): CliError {
  return new CliError(
    `Cannot read ${name} as a line must be at most ${MOST_BYTES / 2 ** 20} MiB long\nLook whether it is a text file of lines`,
  )
}
