/** A sentence and where it is in its text. */
export interface Sentence {
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * Cuts a text into sentences.
 *
 * @param text - The text.
 * @returns Sentences without the white space around them, in order.
 */
export function splitSentences(text: string): readonly Sentence[] {
  return Array.from(new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(text), ({ segment, index }) => {
    const start = index + segment.length - segment.trimStart().length
    const trimmed = segment.trim()
    return { text: trimmed, start, end: start + trimmed.length }
  }).filter(({ text: sentence }) => sentence !== '')
}
