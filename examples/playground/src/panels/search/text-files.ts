import type { Passage } from '../../text/passages.js'
import { splitPassages } from '../../text/passages.js'

/** Larger files are no text that one reads; their paragraphs alone would fill the tab. */
const MOST_BYTES = 20_000_000

/** A file that will be indexed. */
export interface TextFile {
  readonly name: string
  readonly passages: readonly Passage[]
}

/**
 * Reads a text or Markdown file.
 *
 * @param file - What somebody chose or dropped.
 * @returns Its paragraphs.
 * @throws {TypeError} If it is no text.
 * @throws {RangeError} If it is too large.
 */
export async function readTextFile(file: File): Promise<TextFile> {
  if (file.size > MOST_BYTES) {
    throw new RangeError(
      `Cannot read ${file.name} as a file must have at most 20 MB: current size is ${file.size} bytes`,
    )
  }
  const text = await file.text()
  // What is no text has zero bytes, or bytes that are no UTF-8, near its start.
  if (/[\0\uFFFD]/.test(text.slice(0, 10_000))) {
    throw new TypeError(`Cannot read ${file.name} as it must be a text or Markdown in UTF-8`)
  }
  return { name: file.name, passages: await splitPassages(text, file.name) }
}
