/** A sentence and where it is in its text. */
export interface Sentence {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Ends of sentences, with what closes them; Chinese and Japanese put no space after theirs. */
const SENTENCE = /[^.!?…。！？]*(?:[.!?…]+["'”’)\]]*(?=\s|$)|[。！？]+[」』”]*|[.!?…]+|$)/gu

/**
 * Cuts a text into sentences at their marks, for a highlight; an abbreviation ends one too. `Intl.Segmenter` knows more, and its first use
 * takes 20 ms of a page.
 *
 * @returns Sentences without the white space around them, in order.
 */
export function splitSentences(text: string): readonly Sentence[] {
  const sentences: Sentence[] = []
  let start = 0
  for (const match of text.matchAll(SENTENCE)) {
    const end = match.index + match[0].length
    // A point inside a number or a name ends nothing.
    if (/[.!?…]$/.test(match[0]) && /\S/.test(text.charAt(end))) continue
    const part = text.slice(start, end)
    const trimmed = part.trim()
    const from = start + part.length - part.trimStart().length
    if (trimmed !== '') sentences.push({ text: trimmed, start: from, end: from + trimmed.length })
    start = end
  }
  return sentences
}
