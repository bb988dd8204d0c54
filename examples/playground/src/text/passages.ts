import { nextTask } from '../dom/next-task.js'

/** A paragraph of a text, and the heading above it. */
export interface Passage {
  readonly text: string
  /** Nearest heading of Markdown above; empty without one. */
  readonly heading: string
  /** Name of the file or text that it comes from. */
  readonly source: string
}

/** Characters between two pauses: about 1 ms of work. */
const SLICE_LENGTH = 200_000

/**
 * Cuts a text or Markdown into paragraphs at its empty lines. Headings of Markdown belong to what follows; code fences stay whole.
 *
 * @param source - Its name.
 * @returns Paragraphs, in order.
 */
export async function splitPassages(text: string, source: string): Promise<readonly Passage[]> {
  const passages: Passage[] = []
  let heading = ''
  let block: string[] = []
  let isCode = false
  let work = 0
  const flush = (): void => {
    const whole = block.join(isCode ? '\n' : ' ').trim()
    if (whole !== '') passages.push({ text: whole, heading, source })
    block = []
  }
  for (const line of text.split(/\r?\n/)) {
    work += line.length + 1
    if (work > SLICE_LENGTH) {
      await nextTask()
      work = 0
    }
    if (/^(?:```|~~~)/.test(line.trim())) {
      flush()
      isCode = !isCode
      continue
    }
    const title = isCode ? undefined : /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (title !== undefined || (line.trim() === '' && !isCode)) flush()
    if (title !== undefined) heading = title
    else block.push(isCode ? line : line.trim())
  }
  flush()
  return passages
}
